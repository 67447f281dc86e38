import { ACCELERATORS } from '@bitwright/accelerators';
import { MemoryArtifactStore } from '@bitwright/adapters';
import { costOfPolicy, deriveLayers, uniformPolicy } from '@bitwright/core';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { createFakeQuantizer } from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';
import { describe, expect, it } from 'vitest';
import type { Evaluators } from '../../services/cli/src/connect.js';
import { type RawFlags, readFlagValues } from '../../services/cli/src/flags/flag.js';
import { LEARN_DEFAULTS, LEARN_FLAGS } from '../../services/cli/src/flags/learn-flags.js';
import { requireLearnFlags, toLearnRequest } from '../../services/cli/src/learn/learn-request.js';

const SHAPE = { network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10, outputStride: 16 };
const NETWORK = buildZooNetwork({ ...SHAPE, channels: 1 });
const evaluators: Evaluators = {
  hardware: createLocalCatalog(ACCELERATORS) as unknown as Evaluators['hardware'],
  quantizer: createFakeQuantizer(NETWORK),
  artifacts: new MemoryArtifactStore(),
};
const NEEDED: RawFlags = { network: ['mobilenet-v1'], dataset: ['fashion-mnist'] };
const flagsOf = (raw: RawFlags) => readFlagValues(LEARN_FLAGS, { ...NEEDED, ...raw });
const requestOf = (raw: RawFlags) => toLearnRequest(evaluators, flagsOf(raw), '.', new AbortController().signal);

describe('what `bitwright learn` asks for', () => {
  it('is a mean of bits, pinned ends and the defaults where nothing else is said', async () => {
    const { meanBits, maximumBits, minimumBits, gateOrder } = LEARN_DEFAULTS;
    expect(await requestOf({})).toMatchObject({
      ...{ maximumBits, minimumBits, gateOrder, pin: 'first-last', split: 'test' },
      budget: { kind: 'mean-bits', weightBits: meanBits, activationBits: meanBits },
    });
  });

  it('takes what it is told', async () => {
    const told = { 'weight-bits': ['3.5'], 'gate-order': ['1'], 'no-pin': [''], epochs: ['4'], seed: ['9'] };
    expect(await requestOf(told)).toMatchObject({
      ...{ gateOrder: 1, pin: 'none', seed: 9, fidelity: { finetuneEpochs: 4 } },
      budget: { kind: 'mean-bits', weightBits: 3.5, activationBits: LEARN_DEFAULTS.meanBits },
    });
  });

  it("limits a target's cost, a factor being of 8 bits everywhere", async () => {
    const { budget } = await requestOf({ hardware: ['bismo-edge'], budget: ['latency<=0.5x'] });
    const [limited] = budget.kind === 'limits' ? budget.limits : [];
    if (limited?.metric !== 'latency') throw new Error('no limit of the latency');
    const layers = deriveLayers(NETWORK);
    const { latencyMs } = costOfPolicy(layers, limited.table, uniformPolicy(layers.length, 8));
    expect(limited.limit).toBeCloseTo(0.5 * (latencyMs ?? 0), 9);
    expect(limited.table.hardware).toBe('bismo-edge');
  });

  it.each([
    [{ hardware: ['bismo-edge'] }, /--budget: is missing/],
    [{ budget: ['latency<=0.5x'] }, /--budget: needs --hardware/],
    [{ hardware: ['bismo-edge'], budget: ['latency<=0.5x'], 'weight-bits': ['4'] }, /do not go with --hardware/],
  ])('is refused where flags do not go together: %o', (raw, message) => {
    expect(() => requireLearnFlags(flagsOf(raw))).toThrowError(message);
  });

  it('is refused with a limit of what no hardware decides', async () => {
    await expect(requestOf({ hardware: ['bismo-edge'], budget: ['size<=1MB'] })).rejects.toThrowError(/limits size/);
  });
});
