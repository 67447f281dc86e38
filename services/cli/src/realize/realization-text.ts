import type { IntegerRealization } from '@bitwright/core';
import { formatAccuracy, formatBytes, formatSeconds } from '../terminal/format.js';
import { speedText } from '../terminal/speed-text.js';

/** The result for people: accuracies, bits, files. */
export function describeRealization(
  result: IntegerRealization,
  files: { readonly model: string | undefined; readonly log: string | undefined },
): string {
  const { floatAccuracy, simulatedAccuracy, testAccuracy, checkedSamples, parity, trials, seconds, speed } = result;
  const lost = 100 * (floatAccuracy - simulatedAccuracy);
  const change = `${Math.abs(lost).toFixed(2)} points ${lost < 0 ? 'above' : 'below'} float (${formatAccuracy(floatAccuracy)})`;
  const checkedText = `${checkedSamples.toLocaleString('en')} images`;
  return [
    `Realized in integers: ${formatAccuracy(simulatedAccuracy)} on the whole test split, ${change}`,
    `ONNX Runtime: ${formatAccuracy(testAccuracy)} on ${checkedText} of it, ${formatAccuracy(parity)} of them named as simulated`,
    ...(speed === undefined ? [] : [speedText(speed)]),
    `${trials} ${trials === 1 ? 'strategy' : 'strategies'} in ${formatSeconds(seconds)}; ${bitsText(result)}; model ${formatBytes(result.bytes)}`,
    ...Object.values(files).filter((path) => path !== undefined),
  ].join('\n');
}

/** How many variables have how many bits: `8 bits x 40, 7 bits x 3`. */
function bitsText({ bits }: IntegerRealization): string {
  const counts = new Map<number, number>();
  for (const { bits: one } of bits) counts.set(one, (counts.get(one) ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => b - a).map(([one, count]) => `${one} bits x ${count}`);
  return parts.length === 0 ? 'nothing is quantized' : parts.join(', ');
}
