/**
 * What settling batch normalization's statistics on the images at hand is worth (`settleStatistics`): uniform bits in all
 * layers but the first and the last, post-training, with the statistics estimated anew for both alike; accuracy and loss
 * on a split of Fashion-MNIST. Only the statistics that the float network came with differ.
 *
 *   node --conditions=@bitwright/source --import tsx test/fidelity/settled-statistics.ts \
 *     [--networks mobilenet-v2:0.35,resnet-20] [--bits 8,6,5,4] [--split test]
 */
import { parseArgs } from 'node:util';
import { pinnedUniformPolicy, type Split } from '@bitwright/core';
import { finish } from '@bitwright/engine';
import { printTable } from './markdown-table.js';
import { openZooEvaluator } from './zoo-evaluator.js';

const { values } = parseArgs({
  options: {
    networks: { type: 'string', default: 'mobilenet-v2:0.35,resnet-20' },
    bits: { type: 'string', default: '8,6,5,4' },
    split: { type: 'string', default: 'test' },
  },
});
const split: Split = values.split === 'validation' ? 'validation' : 'test';
const FIDELITY = {
  ...{ calibrationSamples: 512, finetuneSamples: 0, finetuneEpochs: 0, validationSamples: 0 },
  ...{ learningRate: 0.001, batchSize: 64 },
};

const show = ({ accuracy, loss }: { accuracy: number; loss: number }) => [(100 * accuracy).toFixed(2), loss.toFixed(4)];

async function compare(name: string): Promise<void> {
  const { model, evaluator: opened } = await openZooEvaluator(name);
  using evaluator = opened;
  const rows = values.bits.split(',').map((bits) => {
    const policy = pinnedUniformPolicy(evaluator.layers.length, Number(bits), 'first-last');
    const settled = finish(evaluator.evaluate({ policy, fidelity: FIDELITY, split, seed: 1 }));
    const plan = finish(evaluator.plan(policy, FIDELITY.calibrationSamples, 1));
    const asTrained = finish(evaluator.remeasure(model.parameters, plan, split, 0));
    return [bits, ...show(asTrained), ...show(settled)];
  });
  const float = finish(evaluator.measure(model.parameters, undefined, split, 0));
  const title = `${name}, ${split} split, float ${show(float).join(' %, loss ')}`;
  printTable(title, ['bits', 'as trained, %', 'loss', 'settled, %', 'loss'], rows);
}

for (const name of values.networks.split(',')) await compare(name);
