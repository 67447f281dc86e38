import {
  BitwrightError,
  type CostTable,
  completeSearchSpec,
  type Layer,
  type LayerCost,
  uniformPolicy,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { decodeAnnouncement, encodeAnnouncement } from './announcement.js';
import { fromWireCostTable, toWireCostTable } from './cost-table.js';
import { decodeEvent, encodeEvent, fromWireEvent, toWireEvent } from './event.js';
import { fromWireHardwareOptions } from './hardware.js';
import { fromWireLayers, toWireLayers } from './layer.js';
import { LIMITS } from './limits.js';
import { fromWireModelSource, fromWirePreprocessing } from './model.js';
import { fromWireNetwork, toWireNetwork } from './network.js';
import { fromWirePolicy, toWirePolicy } from './policy.js';
import { readAnswer } from './read-answer.js';
import { fromResumeToken, toResumeToken } from './search-progress.js';
import { fromWireSearchSpec, toWireSearchSpec } from './search-spec.js';

/** The field that a refusal names. */
function refusedField(convert: () => unknown): string | undefined {
  try {
    convert();
  } catch (error) {
    expect(error).toBeInstanceOf(BitwrightError);
    expect(error).toMatchObject({ kind: 'invalid_argument' });
    return (error as BitwrightError).violations[0]?.field;
  }
  return undefined;
}

const layer: Layer = {
  ...{ index: 0, name: 'conv', kind: 'convolution', inChannels: 3, outChannels: 8, kernelHeight: 3, kernelWidth: 3 },
  ...{
    stride: 1,
    groups: 1,
    inputHeight: 8,
    inputWidth: 8,
    outputHeight: 8,
    outputWidth: 8,
    macs: 13824,
    weights: 216,
  },
  ...{ inputElements: 192, outputElements: 512, inputTensor: 'input', inputSigned: false },
};
const layers = (count: number) => toWireLayers(Array.from({ length: count }, (_, index) => ({ ...layer, index })));

describe('layers', () => {
  it('names the field inside the layer', () => {
    const wire = layers(5);
    const bad = wire.map((message, index) => (index === 3 ? { ...message, kernelHeight: 0 } : message));
    expect(refusedField(() => fromWireLayers(bad, 'request.layers'))).toBe('request.layers[3].kernel_height');
  });

  it('refuses none, too many, and numbers out of order', () => {
    expect(refusedField(() => fromWireLayers([], 'request.layers'))).toBe('request.layers');
    expect(refusedField(() => fromWireLayers(layers(LIMITS.layers + 1), 'request.layers'))).toBe('request.layers');
    expect(refusedField(() => fromWireLayers(layers(3).reverse(), 'request.layers'))).toBe('request.layers[0].index');
  });

  it('refuses a kind that is not said or not known', () => {
    const withKind = (kind: number) => layers(1).map((message) => ({ ...message, kind: kind as 1 }));
    expect(refusedField(() => fromWireLayers(withKind(0), 'layers'))).toBe('layers[0].kind');
    expect(refusedField(() => fromWireLayers(withKind(99), 'layers'))).toBe('layers[0].kind');
  });
});

describe('policies', () => {
  it.each([0, 9, 16, 31])('refuses %i bits', (bits) => {
    const wire = toWirePolicy(uniformPolicy(2, 8));
    const bad = { ...wire, layers: [...wire.layers, { weightBits: 8, activationBits: bits }] };
    expect(refusedField(() => fromWirePolicy(bad, 'request.policy'))).toBe('request.policy.layers[2].activation_bits');
  });

  it('refuses an absent policy and an absent scheme', () => {
    expect(refusedField(() => fromWirePolicy(undefined, 'request.policy'))).toBe('request.policy');
    const wire = { ...toWirePolicy(uniformPolicy(2, 8)), scheme: undefined };
    expect(refusedField(() => fromWirePolicy(wire, 'request.policy'))).toBe('request.policy.scheme');
  });
});

describe('networks', () => {
  const shape = { height: 8, width: 8, channels: 3 };
  const wire = toWireNetwork({
    name: 'tiny',
    input: shape,
    classes: 10,
    nodes: [
      { id: 'input', operation: { kind: 'input' }, inputs: [], output: shape },
      { id: 'relu', operation: { kind: 'relu' }, inputs: ['input'], output: shape },
    ],
  });
  const [input, relu] = wire.nodes as [(typeof wire.nodes)[0], (typeof wire.nodes)[0]];
  const field = (nodes: typeof wire.nodes) => refusedField(() => fromWireNetwork({ ...wire, nodes }, 'network'));

  it('refuses edges that lead forward or nowhere', () => {
    expect(field([input, { ...relu, inputs: ['later'] }])).toBe('network.nodes[1].inputs[0]');
    expect(field([input, { ...relu, inputs: [] }])).toBe('network.nodes[1].inputs');
  });

  it('refuses ids used twice, a second input and no input at all', () => {
    expect(field([input, { ...relu, id: 'input' }])).toBe('network.nodes[1].id');
    expect(field([input, relu, { ...input, id: 'again' }])).toBe('network.nodes[2]');
    expect(field([relu])).toBe('network.nodes[0]');
  });

  it('refuses a node without an operation and one with a bad number', () => {
    expect(field([input, { ...relu, operation: undefined }])).toBe('network.nodes[1].operation');
    const epsilon = { $case: 'batchNormalization' as const, value: { epsilon: Number.NaN } };
    expect(field([input, { ...relu, operation: epsilon }])).toBe('network.nodes[1].batch_normalization.epsilon');
  });
});

describe('cost tables', () => {
  const cell: LayerCost = {
    ...{
      latencyMs: 1,
      energyMj: undefined,
      trafficBytes: 2,
      bound: 'memory',
      computeMs: 0.5,
      memoryMs: 1,
      overheadMs: 0,
    },
    ...{ executedWeightBits: 4, executedActivationBits: 4 },
  };
  const table: CostTable = {
    ...{
      hardware: 'bismo-edge',
      batch: 16,
      weightBits: [2, 4],
      activationBits: [4],
      counted: [true],
      provenance: 'simulated',
    },
    cells: [[[cell], [cell]]],
  };

  it('refuses a column that does not fit the cells', () => {
    const wire = toWireCostTable(table);
    expect(wire.energyMj).toEqual([]);
    expect(refusedField(() => fromWireCostTable({ ...wire, memoryMs: [1] }, 'table'))).toBe('table.memory_ms');
    expect(refusedField(() => fromWireCostTable({ ...wire, energyMj: [1] }, 'table'))).toBe('table.energy_mj');
    expect(refusedField(() => fromWireCostTable({ ...wire, latencyMs: [] }, 'table'))).toBe('table.latency_ms');
    expect(refusedField(() => fromWireCostTable({ ...wire, interpolated: [true] }, 'table'))).toBe(
      'table.interpolated',
    );
    expect(refusedField(() => fromWireCostTable({ ...wire, weightBits: [4, 2] }, 'table'))).toBe(
      'table.weight_bits[1]',
    );
  });
});

describe('search specs', () => {
  const spec = completeSearchSpec({
    model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
    dataset: { name: 'fashion-mnist' },
    hardware: [{ name: 'bismo-edge' }],
  });
  const wire = toWireSearchSpec(spec);

  it.each([-0.1, 1.5, Number.NaN])('refuses a share of the targets of %s', (distillation) => {
    const finalFidelity = { ...toWireSearchSpec(spec).finalFidelity, distillation } as typeof wire.finalFidelity;
    expect(refusedField(() => fromWireSearchSpec({ ...wire, finalFidelity }, 'spec'))).toBe(
      'spec.final_fidelity.distillation',
    );
  });

  it('fills in what a client left open', () => {
    const { model, dataset, hardware } = wire;
    const open = { strategy: undefined, scheme: undefined, trialFidelity: undefined, finalFidelity: undefined };
    const none = {
      budget: [],
      weightBits: [],
      activationBits: [],
      pin: 0,
      maxTrials: 0,
      finalists: 0,
      timeLimitSeconds: 0,
      seed: spec.seed,
    } as const;
    const filled = fromWireSearchSpec(
      { model, dataset, hardware, ...open, ...none, weightBits: [], activationBits: [], budget: [] },
      'spec',
    );
    expect(filled).toEqual(fromWireSearchSpec(wire, 'spec'));
  });

  it('names what is wrong', () => {
    const field = (change: Partial<typeof wire>) =>
      refusedField(() => fromWireSearchSpec({ ...wire, ...change }, 'request.spec'));
    expect(field({ model: undefined })).toBe('request.spec.model');
    expect(field({ dataset: '' })).toBe('request.spec.dataset');
    expect(field({ hardware: [] })).toBe('request.spec.hardware');
    expect(field({ strategy: { name: 'haq', optionsJson: '[1]' } })).toBe('request.spec.strategy.options_json');
    expect(field({ strategy: { name: 'haq', optionsJson: '{' } })).toBe('request.spec.strategy.options_json');
    expect(field({ budget: [{ metric: 1, target: '', limit: { $case: 'relative', value: -1 } }] })).toBe(
      'request.spec.budget[0].relative',
    );
    expect(field({ budget: [{ metric: 0, target: '', limit: { $case: 'relative', value: 1 } }] })).toBe(
      'request.spec.budget[0].metric',
    );
    expect(
      field({ budget: Array.from({ length: 17 }, () => ({ metric: 1 as const, target: '', limit: undefined })) }),
    ).toBe('request.spec.budget');
    expect(field({ maxTrials: 100_001 })).toBe('request.spec.max_trials');
    expect(field({ seed: -1 })).toBe('request.spec.seed');
  });
});

describe('other messages', () => {
  it('refuses a batch that is too large, and takes 0 as the default', () => {
    expect(refusedField(() => fromWireHardwareOptions({ batch: 65_537, counted: 0 }, 'request'))).toBe('request.batch');
    expect(fromWireHardwareOptions({ batch: 0, counted: 0 }, 'request')).toEqual({
      batch: undefined,
      counted: undefined,
    });
  });

  it('refuses models that are named by nothing or by no digest', () => {
    expect(refusedField(() => fromWireModelSource({ source: undefined }, 'request.model'))).toBe('request.model');
    const upper = { source: { $case: 'artifactDigest' as const, value: 'A'.repeat(64) } };
    expect(refusedField(() => fromWireModelSource(upper, 'request.model'))).toBe('request.model.artifact_digest');
  });

  it('wants one mean and one deviation per channel', () => {
    const bad = { imageSize: 32, padding: 0, mean: [0, 0, 0], std: [1] };
    expect(refusedField(() => fromWirePreprocessing(bad, 'preprocessing'))).toBe('preprocessing.std');
  });

  it('takes only tokens that it gave', () => {
    expect(fromResumeToken(toResumeToken(7), 'request.resume_token')).toBe(7);
    expect(fromResumeToken('', 'request.resume_token')).toBe(0);
    for (const token of ['-1', '1.5', '1e9', 'x', '9'.repeat(16)]) {
      expect(refusedField(() => fromResumeToken(token, 'request.resume_token'))).toBe('request.resume_token');
    }
  });

  it('makes a bad answer the fault of the peer', () => {
    const read = () => readAnswer(() => fromWirePolicy(undefined, 'policy'));
    expect(read).toThrow(expect.objectContaining({ kind: 'internal', reason: 'BAD_ANSWER' }) as Error);
  });
});

describe('events', () => {
  const event = { id: '1', kind: 'trial.evaluated', subject: 's', time: 1, attributes: { accuracy: 0.5 } } as const;

  it('refuses bytes that are no event, kinds it does not know and names that could reach a prototype', () => {
    expect(refusedField(() => decodeEvent(new Uint8Array([255, 255, 255])))).toBe('event');
    const wire = toWireEvent(event);
    expect(refusedField(() => fromWireEvent({ ...wire, kind: 'search.exploded' }, 'event'))).toBe('event.kind');
    const attributes = { ['__proto__x']: { value: { $case: 'flag' as const, value: true } } };
    expect(refusedField(() => fromWireEvent({ ...wire, attributes }, 'event'))).toBe('event.attributes');
  });

  it('stays small', () => {
    expect(encodeEvent(event).length).toBeLessThan(64);
  });
});

describe('announcements', () => {
  const good = {
    ...{ instanceId: 'run-1', address: '127.0.0.1:7003', version: '1', intervalMs: 5000, leaving: false },
    targets: [{ name: 'board', version: '2', provenance: 'measured' as const }],
  };
  const field = (change: Partial<Parameters<typeof encodeAnnouncement>[0]>) =>
    refusedField(() => decodeAnnouncement(encodeAnnouncement({ ...good, ...change })));

  it('are read when there is nothing wrong with them', () => {
    expect(decodeAnnouncement(encodeAnnouncement(good))).toEqual(good);
  });

  it.each(['', 'a b', 'a'.repeat(65), 'a.b', '../x', 'a\n'])('refuses %j as an instance', (instanceId) => {
    expect(field({ instanceId })).toBe('announcement.instance_id');
  });

  it.each(['', 'board', ':7003', 'board:0', 'board:65536', 'board:1/x', 'http://board:1', 'a b:1', 'b\u001b[2J:1'])(
    'refuses %j as an address',
    (address) => {
      expect(field({ address })).toBe('announcement.address');
    },
  );

  it.each([0, 99, 60_001, 4_294_967_295])('refuses an interval of %i ms', (intervalMs) => {
    expect(field({ intervalMs })).toBe('announcement.interval_ms');
  });

  it('refuses targets without a name, with control characters, and too many', () => {
    const [target] = good.targets as [(typeof good.targets)[0]];
    expect(field({ targets: [{ ...target, name: '' }] })).toBe('announcement.targets[0].name');
    expect(field({ targets: [target, { ...target, name: '\u001b[31mboard' }] })).toBe('announcement.targets[1].name');
    expect(field({ targets: [{ ...target, version: 'x'.repeat(300) }] })).toBe('announcement.targets[0].version');
    expect(field({ targets: Array.from({ length: 257 }, () => target) })).toBe('announcement.targets');
  });

  it('refuses bytes that are none: garbage, cut off, too many', () => {
    const refused = (bytes: Uint8Array) => refusedField(() => decodeAnnouncement(bytes));
    expect(refused(new Uint8Array())).toBe('announcement.instance_id');
    expect(refused(Buffer.from('not an announcement'))).toBe('announcement');
    expect(refused(encodeAnnouncement(good).slice(0, 12))).toBe('announcement');
    expect(refused(new Uint8Array(LIMITS.announcementBytes + 1))).toBe('announcement');
  });
});
