import {
  BitwrightError,
  type CostTable,
  costCell,
  DEFAULT_SCHEME,
  type Hardware,
  type HardwareCapabilities,
  type HardwareFeedback,
  hasCell,
  type Layer,
  type LayerPrecision,
  toBitwrightError,
} from '@bitwright/core';
import { gridOf } from '../plan-table.js';
import type { CellAnswer, Figures, LayerRequest, NetworkRequest, Runner } from '../runner.js';

export type HardwareRunnerOptions = {
  readonly hardware: Hardware;
  /** The service's address and the target, as the user wrote it. */
  readonly name: string;
  /** What the user says of the device, by name. */
  readonly device: Readonly<Record<string, string>>;
  /** Of one call. */
  readonly timeoutMs: number;
};

/** A target of a hardware service: prices all pairs of a layer together, and repeats its measurements by itself. */
export function createHardwareRunner(options: HardwareRunnerOptions): Runner {
  const { hardware, name, device, timeoutMs } = options;
  return {
    name,
    asks: 'layers',
    describe: async (signal) => {
      const { name: target, version, description, provenance } = await hardware.describe(signal);
      return { name: target, version, description, provenance, device };
    },
    measureLayer: async (request, pairs, signal) => {
      const table = await answerWithin(timeoutMs, signal, (limited) => tabulate(hardware, request, limited));
      return pairs.map((pair) => ('outcome' in table ? table : answerOfCell(table, pair)));
    },
    measureNetwork: async (request, precisions, signal) => {
      const feedback = await answerWithin(timeoutMs, signal, (limited) =>
        evaluate(hardware, request, precisions, limited),
      );
      return 'outcome' in feedback ? feedback : toAnswer(feedback, { energyMj: feedback.energyMj });
    },
  };
}

/**
 * The pairs that a target has for a layer, of those that are asked for; all of them for an operator that it does not
 * list, so that its refusal is on record.
 */
export function pairsOfHardware(
  { weightBits, activationBits, operators }: HardwareCapabilities,
  asked: {
    readonly weightBits?: readonly number[] | undefined;
    readonly activationBits?: readonly number[] | undefined;
  },
): (layer: Layer) => readonly LayerPrecision[] {
  const isAsked = (pair: LayerPrecision) =>
    (asked.weightBits ?? weightBits).includes(pair.weightBits) &&
    (asked.activationBits ?? activationBits).includes(pair.activationBits);
  const grid = gridOf(weightBits, activationBits);
  return ({ kind }) => (operators?.find(({ operator }) => operator === kind)?.precisions ?? grid).filter(isAsked);
}

/** A network of this layer alone, which must count. */
function tabulate(hardware: Hardware, { layer, batch }: LayerRequest, signal: AbortSignal): Promise<CostTable> {
  return hardware.tabulate([{ ...layer, index: 0 }], { batch, counted: 'all', signal });
}

async function evaluate(
  hardware: Hardware,
  { network, layers, batch }: NetworkRequest,
  precisions: readonly LayerPrecision[],
  signal: AbortSignal,
): Promise<HardwareFeedback> {
  const policy = { ...DEFAULT_SCHEME, layers: precisions };
  const options = { network, batch, counted: 'all', signal } as const;
  for await (const feedback of hardware.evaluate(layers, [policy], options)) return feedback;
  throw new BitwrightError('internal', 'ANSWER_MISSING', 'the service gave no answer to a policy');
}

function answerOfCell(table: CostTable, pair: LayerPrecision): CellAnswer {
  if (!hasCell(table, 0, pair)) {
    const reason = table.failures?.[0]?.message ?? 'the target has no kernel for these bits';
    return { outcome: 'unsupported', reason };
  }
  const { latencyMs, ...figures } = costCell(table, 0, pair.weightBits, pair.activationBits);
  return toAnswer({ latencyMs }, withoutUnknown(figures));
}

const toAnswer = ({ latencyMs }: { readonly latencyMs: number }, figures: Figures): CellAnswer => ({
  outcome: 'measured',
  samplesMs: [latencyMs],
  figures,
});

const withoutUnknown = (figures: Figures) =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as Figures;

/** Refusals of single layers are answers; a service that is away, busy or has no such target stops the whole. */
async function answerWithin<T extends object>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | CellAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await ask(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (thrown) {
    const error = toBitwrightError(thrown);
    if (timeout.aborted && signal?.aborted !== true) return failed(`took longer than ${timeoutMs / 1000} s`);
    switch (error.kind) {
      case 'unsupported':
        return { outcome: 'unsupported', reason: error.message };
      case 'invalid_argument':
      case 'failed_precondition':
      case 'deadline_exceeded':
      case 'data_loss':
      case 'internal':
        return failed(error.message);
      case 'not_found':
      case 'already_exists':
      case 'resource_exhausted':
      case 'unavailable':
      case 'aborted':
      case 'cancelled':
        throw error;
    }
  }
}

const failed = (reason: string): CellAnswer => ({ outcome: 'failed', reason });
