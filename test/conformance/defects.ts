import { setTimeout as sleep } from 'node:timers/promises';
import { hardwareProto, networkProto } from '@bitwright/contracts';
import { BitwrightError, toBitwrightError } from '@bitwright/core';
import type { Accelerator } from '@bitwright/hardware-kit';
import type { Flaw, Table } from './broken-backend.js';

/** What a backend does wrong, and the one check that must find it. */
export type Defect = { readonly title: string; readonly breaks: string; readonly flaw: Flaw };

const TARGET = 'bit-product';
const MAXIMUM_BATCH = 4;
const SLOTS = 32;

const scaleTable = (factor: number, table: Table): Table => ({
  ...table,
  latencyMs: table.latencyMs.map((latencyMs) => latencyMs * factor),
  computeMs: table.computeMs.map((computeMs) => computeMs * factor),
});

const scaleAnswer = (factor: number, answer: hardwareProto.EvaluateResponse): hardwareProto.EvaluateResponse => ({
  ...answer,
  latencyMs: answer.latencyMs * factor,
  latencyPerImageMs: answer.latencyPerImageMs * factor,
  layers: answer.layers.map((layer) => ({ ...layer, latencyMs: layer.latencyMs * factor })),
});

/** A model whose latency is another one's times a factor. */
const withFactor =
  (factorOf: (weightBits: number, batch: number) => number) =>
  (sound: Accelerator): Accelerator => ({
    ...sound,
    layerCost: (layer, weightBits, activationBits, batch) => {
      const cost = sound.layerCost(layer, weightBits, activationBits, batch);
      const latencyMs = cost.latencyMs * factorOf(weightBits, batch);
      return { ...cost, latencyMs, computeMs: latencyMs };
    },
  });

/** Keeps every answer until the last policy was sent, then gives them in an order of its own. */
const heldBack = (sort: <T>(answers: T[]) => T[]): Flaw => ({
  stream: async function* (evaluate, requests) {
    const answers: hardwareProto.EvaluateResponse[] = [];
    for await (const answer of evaluate(requests)) answers.push(answer);
    yield* sort(answers);
  },
});

/** A limited number of evaluations; one that its caller gives up keeps its slot. */
function leakySlots(): Flaw {
  let free = SLOTS;
  return {
    stream: async function* (evaluate, requests, signal) {
      if (free === 0) await new Promise(() => {});
      free -= 1;
      try {
        yield* evaluate(requests);
        // Requests end before the signal fires.
        await sleep(50);
      } finally {
        if (!signal.aborted) free += 1;
      }
    },
  };
}

/** Every call answers with the batch of whoever asked last. */
function sharedSetup(): Flaw {
  let batch = 1;
  return {
    request: (asked) => {
      batch = asked.batch || 1;
      return asked;
    },
    stream: async function* (evaluate, requests) {
      for await (const answer of evaluate(requests)) yield { ...answer, batch };
    },
  };
}

function jitter(): Flaw {
  let call = 0;
  return {
    table: (table) => {
      call += 1;
      return { ...table, latencyMs: table.latencyMs.map((latencyMs) => latencyMs * (1 + 1e-8 * (call % 2))) };
    },
  };
}

const nameless: Flaw = {
  stream: async function* (evaluate, requests) {
    try {
      yield* evaluate(requests);
    } catch (thrown) {
      const error = toBitwrightError(thrown);
      if (error.kind !== 'invalid_argument') throw error;
      throw new BitwrightError('invalid_argument', 'BAD_REQUEST', 'the request is bad');
    }
  },
};

const supported = (bits: number, widths: readonly number[]) => bits === 0 || widths.includes(bits);

const EIGHT_BITS_ONLY = [
  networkProto.LayerKind.LAYER_KIND_CONVOLUTION,
  networkProto.LayerKind.LAYER_KIND_POINTWISE,
  networkProto.LayerKind.LAYER_KIND_DEPTHWISE,
  networkProto.LayerKind.LAYER_KIND_FULLY_CONNECTED,
].map((operator) => ({ operator, precisions: [{ weightBits: 8, activationBits: 8 }] }));

/** A hole, as there is where a layer cannot run. */
const withoutFirstCell = (table: Table): Table => ({
  ...table,
  latencyMs: table.latencyMs.with(0, Number.NaN),
  executedWeightBits: table.executedWeightBits.with(0, 0),
  executedActivationBits: table.executedActivationBits.with(0, 0),
});

const allLayersCount = (table: Table): Table => ({ ...table, counted: table.counted.map(() => true) });

export const DEFECTS: readonly Defect[] = [
  { title: 'says that it does not serve', breaks: 'health', flaw: { serving: false } },
  { title: 'has no version', breaks: 'capabilities', flaw: { capabilities: (sound) => ({ ...sound, version: '' }) } },
  {
    title: 'takes any name for its own',
    breaks: 'unknown-hardware',
    flaw: { hardware: (asked) => (asked === '' ? '' : TARGET) },
  },
  {
    title: 'leaves out the last entry of a column',
    breaks: 'cost-table',
    flaw: { table: (table) => ({ ...table, bound: table.bound.slice(1) }) },
  },
  {
    title: 'has costs at bits that it names no kernels for',
    breaks: 'cost-table',
    flaw: { capabilities: (sound) => ({ ...sound, operators: EIGHT_BITS_ONLY }) },
  },
  {
    title: 'lacks a cost at bits that it names kernels for',
    breaks: 'cost-table',
    flaw: { table: withoutFirstCell },
  },
  {
    title: 'signs its table with another name',
    breaks: 'cost-table',
    flaw: { table: (table) => ({ ...table, hardware: 'other' }) },
  },
  {
    title: 'gives a part of the time that is longer than the whole',
    breaks: 'units',
    flaw: { table: (table) => ({ ...table, computeMs: table.computeMs.map((computeMs) => 2 * computeMs) }) },
  },
  {
    title: 'gives latency in another unit',
    breaks: 'units',
    flaw: {
      table: (table) => scaleTable(1e-13, table),
      answer: (answer) => scaleAnswer(1e-13, answer),
    },
  },
  {
    title: 'gives an energy of zero that it does not know',
    breaks: 'energy',
    flaw: { table: (table) => ({ ...table, energyMj: table.latencyMs.map(() => 0) }) },
  },
  {
    title: 'promises energy and gives none',
    breaks: 'energy',
    flaw: {
      capabilities: (sound) => ({
        ...sound,
        metrics: [...sound.metrics, hardwareProto.HardwareMetric.HARDWARE_METRIC_ENERGY],
      }),
    },
  },
  {
    title: 'runs fewer bits than it was asked for',
    breaks: 'executed-bits',
    flaw: { table: (table) => ({ ...table, executedWeightBits: table.executedWeightBits.map(() => 1) }) },
  },
  { title: 'scatters in the eighth digit', breaks: 'determinism', flaw: jitter() },
  {
    title: 'is faster with more bits',
    breaks: 'monotone-in-bits',
    flaw: { accelerator: withFactor((weightBits) => 3 / weightBits ** 1.5) },
  },
  {
    title: 'is faster with more images',
    breaks: 'monotone-in-batch',
    flaw: { accelerator: withFactor((_bits, batch) => batch ** -2) },
  },
  {
    title: 'gives the latency of the batch as that of an image',
    breaks: 'batch',
    flaw: { answer: (answer) => ({ ...answer, latencyPerImageMs: answer.latencyMs }) },
  },
  { title: 'counts every layer, always', breaks: 'counted-layers', flaw: { table: allLayersCount } },
  {
    title: 'adds a percent to the sum',
    breaks: 'additivity',
    flaw: {
      answer: (answer) => ({
        ...answer,
        latencyMs: 1.01 * answer.latencyMs,
        latencyPerImageMs: 1.01 * answer.latencyPerImageMs,
      }),
    },
  },
  {
    title: 'evaluates to twice what it tabulates',
    breaks: 'table-agreement',
    flaw: { answer: (answer) => scaleAnswer(2, answer) },
  },
  { title: 'answers when the last policy was sent', breaks: 'answer-order', flaw: heldBack((answers) => answers) },
  { title: 'answers in reverse', breaks: 'answer-order', flaw: heldBack((answers) => answers.reverse()) },
  {
    title: 'runs 8 bits where it cannot run what was asked',
    breaks: 'unsupported-bits',
    flaw: {
      policy: (asked) => ({
        ...asked,
        layers: asked.layers.map(({ weightBits, activationBits }) => ({
          weightBits: supported(weightBits, [2, 4, 8]) ? weightBits : 8,
          activationBits: supported(activationBits, [4, 8]) ? activationBits : 8,
        })),
      }),
    },
  },
  {
    title: 'takes a kernel of height 0 for 1',
    breaks: 'bad-input',
    flaw: {
      request: (asked) => ({
        ...asked,
        layers: asked.layers.map((layer) => ({ ...layer, kernelHeight: Math.max(1, layer.kernelHeight) })),
      }),
    },
  },
  { title: 'refuses without naming the field', breaks: 'bad-input', flaw: nameless },
  {
    title: 'prices its maximum batch when it is asked for more',
    breaks: 'limits',
    flaw: { request: (asked) => ({ ...asked, batch: Math.min(asked.batch, MAXIMUM_BATCH) }) },
  },
  { title: 'cannot send a large table', breaks: 'limits', flaw: { server: { messageBytes: 400_000 } } },
  { title: 'does not hear of deadlines', breaks: 'deadline', flaw: { lostHeader: 'grpc-timeout' } },
  { title: 'mixes calls up', breaks: 'concurrency', flaw: sharedSetup() },
  { title: 'holds on to calls that were given up', breaks: 'cancellation', flaw: leakySlots() },
];
