import {
  deriveLayers,
  type Layer,
  type Network,
  type Quantizer,
  type QuantizerTask,
  requireFittingImages,
} from '@bitwright/core';
import { type EvaluatorAddresses, type Evaluators, withEvaluators, withUploads } from '../connect.js';
import { type ModelFlags, resolveModel } from '../flags/model-flags.js';
import type { Surroundings } from '../surroundings.js';

/** Lets `work` ask about a model: an ONNX file needs a store that takes it, unless a running service is named. */
export function withModelEvaluators<T>(
  { model }: ModelFlags,
  addresses: EvaluatorAddresses,
  surroundings: Surroundings,
  work: (evaluators: Evaluators) => Promise<T>,
): Promise<T> {
  const isAlone = addresses.hardware === undefined && addresses.quantizer === undefined;
  return isAlone && model !== undefined
    ? withUploads(surroundings, work)
    : withEvaluators(addresses, surroundings, work);
}

/** The network that the flags name, from a quantizer that lives as long as it takes to ask it. */
export function readNetwork(
  flags: ModelFlags,
  addresses: Pick<EvaluatorAddresses, 'quantizer'>,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Network> {
  return withModelEvaluators(flags, addresses, surroundings, async ({ quantizer, artifacts }) => {
    const model = await resolveModel(flags, artifacts, surroundings.folder);
    return (await quantizer.describeModel(model, signal)).network;
  });
}

/** The network of a task. Throws `invalid_argument` where the images are not its input. */
export async function readFittingNetwork(
  quantizer: Quantizer,
  { model, dataset }: QuantizerTask,
  signal: AbortSignal,
): Promise<Network> {
  const description = await quantizer.describeModel(model, signal);
  requireFittingImages(description, await quantizer.describeDataset(dataset, signal), 'dataset');
  return description.network;
}

/** The quantizable layers of the network that the flags name. */
export async function readLayers(
  flags: ModelFlags,
  { quantizer, artifacts }: Evaluators,
  folder: string,
  signal: AbortSignal,
): Promise<readonly Layer[]> {
  const model = await resolveModel(flags, artifacts, folder);
  const { network } = await quantizer.describeModel(model, signal);
  return deriveLayers(network);
}
