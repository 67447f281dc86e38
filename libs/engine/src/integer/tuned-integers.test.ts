import { FLOAT_BITS, type PrecisionPolicy, uniformPolicy } from '@bitwright/core';
import { selectSamples } from '@bitwright/datasets';
import { estimateThresholds, type IntegerGraph } from '@bitwright/hago';
import { exportIntegerGraph, type LayerQuantization } from '@bitwright/onnx';
import { afterAll, describe, expect, it } from 'vitest';
import { createPolicyEvaluator, DEFAULT_EVALUATOR } from '../evaluation/policy-evaluator.js';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { toLayerQuantization } from '../jobs/layer-quantization.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { quantizeParameters } from '../quantization/quantize-parameters.js';
import { finish } from '../work.js';
import { collectStatistics } from './collect-statistics.js';
import { createIntegerSession } from './integer-session.js';
import { runRealized } from './realized-run.test-support.js';
import { runInIntegers, tunedIntegers } from './tuned-integers.js';

const data = createToyDataset();
const trained = trainToyModel(data);
const evaluator = createPolicyEvaluator(trained, data, TOY_PREPROCESSING, {
  ...DEFAULT_EVALUATOR,
  statisticsSamples: 256,
});
const count = evaluator.layers.length;
const images = selectSamples(
  data.splits.test,
  Uint32Array.from({ length: 8 }, (_, index) => index),
);

afterAll(() => evaluator[Symbol.dispose]());

/** A policy as it is without fine-tuning: the folded network on its grids, and the same in integers. */
function quantize(policy: PrecisionPolicy) {
  const plan = finish(evaluator.plan(policy, 64, 1));
  const { network, parameters } = trained;
  const model = foldBatchNormalization({ network, parameters: quantizeParameters(parameters, plan) });
  const layers = toLayerQuantization(trained, plan, true);
  const statistics = finish(collectStatistics(model, images, TOY_PREPROCESSING));
  const thresholds = estimateThresholds(statistics, { kind: 'average-range' }, false);
  return { model, layers, graph: tunedIntegers(model, layers, thresholds) };
}

const mixed: PrecisionPolicy = {
  ...uniformPolicy(count, 8),
  layers: evaluator.layers.map(({ inputSigned }, index) => ({
    weightBits: 1 + (index % 8),
    activationBits: Math.max(inputSigned ? 2 : 1, 8 - (index % 8)),
  })),
};

const oneInFloat = (float: number): PrecisionPolicy => ({
  ...uniformPolicy(count, 6),
  layers: evaluator.layers.map((_, index) => {
    const bits = index === float ? FLOAT_BITS : 6;
    return { weightBits: bits, activationBits: bits };
  }),
});

const kernelOf = ({ nodes }: IntegerGraph, layer: string) => nodes.find(({ node }) => node.id === layer);

describe('fine-tuned networks in integers', () => {
  it.each<[string, PrecisionPolicy]>([
    ['8 bits', uniformPolicy(count, 8)],
    ['5 bits', uniformPolicy(count, 5)],
    ['8 bits per tensor', uniformPolicy(count, 8, 8, { weightQuantizer: 'linear', granularity: 'per-tensor' })],
    ['other bits in each layer', mixed],
    ...evaluator.layers.map(({ name }, index): [string, PrecisionPolicy] => [`${name} in float`, oneInFloat(index)]),
  ])('keep every weight, and agree with ONNX Runtime in every code: %s', async (_, policy) => {
    const { model, graph, layers } = quantize(policy);
    for (const { node, weight } of layers) {
      expect(kernelOf(graph, node)?.kernel === undefined).toBe(weight.kind === 'float');
      if (weight.kind === 'float') continue;
      const parameters = kernelOf(graph, node)?.kernel?.parameters ?? expect.fail(`${node} is float`);
      const perScale = parameters.codes.length / parameters.scales.length;
      const { values } = model.parameters.get(`${node}.weight`) ?? expect.fail(node);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const scaleOf = (at: number) => parameters.scales[Math.floor(at / perScale)] as number;
      const errors = values.map((value, at) => Math.abs(value - (parameters.codes[at] as number) * scaleOf(at)));
      expect(Math.max(...errors)).toBeLessThan(1e-5 * largest);
    }
    using session = createIntegerSession(graph, model.parameters, TOY_PREPROCESSING);
    const indices = Uint32Array.from({ length: images.count }, (_, index) => index);
    const simulated = session.codes(graph, images, indices);
    const onnx = exportIntegerGraph(graph, model.parameters, { everyTensor: true });
    const { codes } = await runRealized(onnx, graph, images, TOY_PREPROCESSING);
    expect(codes.size).toBeGreaterThan(3);
    for (const [id, realized] of codes) expect([id, realized]).toEqual([id, simulated.get(id)]);
  });

  it('give a tensor that one layer reads the bits and the scale of that layer', () => {
    const { graph, layers } = quantize(uniformPolicy(count, 5));
    const read = layers.flatMap(({ node, activation }) => {
      const input = kernelOf(graph, node)?.inputs[0];
      return input?.format.kind === 'integer' ? [{ activation, scale: input.format.scales[0] }] : [];
    });
    const same = read.filter(({ activation, scale }) => activation.kind === 'linear' && activation.scale === scale);
    expect(read).toHaveLength(count);
    expect(same.length).toBeGreaterThan(count / 2);
  });
});

describe('integer kernels', () => {
  const grid: LayerQuantization = {
    ...{ node: 'layer', weight: { kind: 'linear', bits: 4, scales: Float32Array.of(1) } },
    activation: { kind: 'linear', bits: 1, scale: 1, signed: false },
  };
  const float: LayerQuantization = { node: 'layer', weight: { kind: 'float' }, activation: { kind: 'float' } };

  it.each<[string, readonly LayerQuantization[], boolean]>([
    ['grids', [grid], true],
    ['grids, and layers in float', [grid, float], true],
    ['nothing but float', [float], false],
    ['weights alone', [{ ...grid, activation: { kind: 'float' } }], false],
    ['codebooks', [{ ...grid, weight: { kind: 'codebook', entries: Float32Array.of(0, 1) } }], false],
    ['one signed bit', [{ ...grid, activation: { kind: 'linear', bits: 1, scale: 1, signed: true } }], false],
  ])('stand for %s: %s', (_, layers, expected) => {
    expect(runInIntegers(layers)).toBe(expected);
  });
});
