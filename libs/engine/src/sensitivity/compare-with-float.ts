import type { ImageBatch } from '../samples/image-batch.js';
import type { LayerProbe } from './layer-probe.js';
import { type Logits, type OutputChange, outputChange } from './output-change.js';

/** A measure of mean changes against the outputs of the float network, which `float` has now and which are read first. */
export function compareWithFloat(
  float: LayerProbe,
  batches: readonly ImageBatch[],
): (probe: LayerProbe) => OutputChange {
  const references = batches.map((batch) => float.logits(batch));
  const count = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  const mean = (outputs: readonly Logits[]): OutputChange => {
    const changes = batches.map(({ labels }, index) =>
      outputChange(outputs[index] as Logits, references[index] as Logits, labels),
    );
    const sum = (kind: keyof OutputChange) => changes.reduce((total, change) => total + change[kind], 0);
    return { loss: sum('loss') / count, divergence: sum('divergence') / count };
  };
  const floatLoss = mean(references).loss;
  return (probe) => {
    const { loss, divergence } = mean(batches.map((batch) => probe.logits(batch)));
    return { loss: loss - floatLoss, divergence };
  };
}
