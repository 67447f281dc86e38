import type { ModelLibrary, ZooModel } from '@bitwright/engine';
import {
  buildZooNetwork,
  type CheckpointRecipe,
  findRecipe,
  listZooEntries,
  readCheckpoint,
  readRecipes,
  zooOptions,
} from '@bitwright/zoo';

/** Channels of a network without a checkpoint: colour images, as the papers' networks take. */
const UNTRAINED_CHANNELS = 3;

/** The zoo as the quantizer's library: the trained network where there is a checkpoint, else its structure alone. */
export function createZooLibrary(): ModelLibrary {
  /** By the digest that the recipe names: checkpoints have a few megabytes, and to read one holds the thread. */
  const trained = new Map<string, Promise<ZooModel>>();
  const readTrained = (recipe: CheckpointRecipe): Promise<ZooModel> => {
    const known = trained.get(recipe.modelDigest);
    if (known !== undefined) return known;
    const model = readTrainedModel(recipe);
    trained.set(recipe.modelDigest, model);
    model.catch(() => trained.delete(recipe.modelDigest));
    return model;
  };
  const find: ModelLibrary['find'] = async (source) => {
    const datasets = new Set((await readRecipes()).map(({ dataset }) => dataset));
    for (const dataset of datasets) {
      const recipe = await findRecipe(source, dataset);
      if (recipe !== undefined) return readTrained(recipe);
    }
    const network = buildZooNetwork(zooOptions(source, UNTRAINED_CHANNELS));
    return { network, checkpoint: undefined, preprocessing: undefined };
  };
  return { list: () => listZooEntries(), find };
}

async function readTrainedModel(recipe: CheckpointRecipe): Promise<ZooModel> {
  const { model, onnx } = await readCheckpoint(recipe);
  const checkpoint = { onnx, digest: recipe.modelDigest };
  return { network: model.network, checkpoint, preprocessing: recipe.preprocess };
}
