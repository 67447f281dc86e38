import { invalidField } from '../errors.js';
import type { TensorShape } from '../network/network.js';
import type { DatasetDescription, ModelDescription, Preprocessing } from '../ports/quantizer.js';

/** How images become inputs of a model: as its file says, else padded evenly and with the statistics of the data. */
export function preprocessingFor(
  { network, preprocessing }: Pick<ModelDescription, 'network' | 'preprocessing'>,
  { imageShape, mean, std }: DatasetDescription,
): Preprocessing {
  const imageSize = network.input.height;
  return preprocessing ?? { imageSize, padding: (imageSize - imageShape.height) / 2, mean, std };
}

/** Throws `invalid_argument` `DATASET_SHAPE`, naming the field and both sides, for images that are not the model's input. */
export function requireFittingImages(
  model: Pick<ModelDescription, 'network' | 'preprocessing'>,
  dataset: DatasetDescription,
  field: string,
): void {
  const { padding } = preprocessingFor(model, dataset);
  const { imageShape } = dataset;
  const { name, input } = model.network;
  const isPadding = padding >= 0 && Number.isInteger(padding);
  if (isPadding && sizeText(grown(imageShape, padding)) === sizeText(input)) return;
  const own = model.preprocessing?.padding ?? 0;
  const how = model.preprocessing === undefined ? ', to which smaller squares are padded' : '';
  const found = `${dataset.name} has images of ${sizeText(imageShape)}; the network ${name} takes ${sizeText(grown(input, -own))}${how}`;
  throw invalidField(field, `${found}; give such images, or a network for these`, 'DATASET_SHAPE');
}

const grown = ({ height, width, channels }: TensorShape, by: number): TensorShape => ({
  ...{ height: height + 2 * by, width: width + 2 * by, channels },
});
const sizeText = ({ height, width, channels }: TensorShape) => `${height} x ${width} x ${channels}`;
