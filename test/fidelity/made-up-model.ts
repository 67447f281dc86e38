import { createRandomSource, type Model } from '@bitwright/core';
import { createParameters, foldBatchNormalization } from '@bitwright/engine';
import { buildZooNetwork } from '@bitwright/zoo';

const IMAGENET = { width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 };

/** What every tensor of it is taken to go up to: what kernels take depends neither on weights nor on ranges. */
const MADE_UP_RANGE = 3;

/** A network of the zoo for images of 224 pixels, batch normalization folded, with weights that nobody trained. */
export function madeUpModel(name: string): Model {
  const network = buildZooNetwork({ ...IMAGENET, network: name });
  return foldBatchNormalization({ network, parameters: createParameters(network, createRandomSource(1)) });
}

/** The same range for every tensor. */
export const madeUpRanges = ({ network }: Model): ReadonlyMap<string, number> =>
  new Map(network.nodes.map(({ id }) => [id, MADE_UP_RANGE]));
