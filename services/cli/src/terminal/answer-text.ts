import type { AnswerLimit, PolicyAnswer } from '@bitwright/core';
import { formatBytes, formatCost, formatNumber, UNKNOWN } from './format.js';
import { plainTable } from './plain-table.js';

/** A policy computed for another budget: limits with what they are worth, then the bits of each layer. */
export function answerText({ policy, layers, cost, objective, predictedLossIncrease, limits }: PolicyAnswer): string {
  const heads = ['limit', 'hardware', 'means', 'reached', '1 % more gains'];
  const bits = layers.map(({ name }, index) => {
    const { weightBits, activationBits } = policy.layers[index] ?? {};
    return [name, String(weightBits), String(activationBits)];
  });
  const isLoss = predictedLossIncrease === undefined || predictedLossIncrease === objective.value;
  const predicted = isLoss ? '' : `; predicted increase of the loss ${formatNumber(predictedLossIncrease)}`;
  return [
    `${objective.name} ${formatNumber(objective.value)}${predicted}`,
    `${formatBytes(cost.sizeBytes)} of weights, ${cost.effectiveBits.toFixed(2)} bits each`,
    '',
    plainTable(heads, limits.map(limitCells)),
    '',
    plainTable(['layer', 'weights', 'activations'], bits),
  ].join('\n');
}

function limitCells({ budget, hardware, metric, limit, reached, shadowPrice }: AnswerLimit): readonly string[] {
  const amount = (value: number | undefined) => formatCost(metric, value);
  return [budget, hardware ?? UNKNOWN, amount(limit), amount(reached), shadowPrice.toExponential(2)];
}
