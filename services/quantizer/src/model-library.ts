import type { ModelLibrary } from '@bitwright/engine';
import { buildZooNetwork, findRecipe, listZooEntries, readCheckpoint, readRecipes, zooOptions } from '@bitwright/zoo';

/** Channels of a network without a checkpoint: colour images, as the papers' networks take. */
const UNTRAINED_CHANNELS = 3;

/** The zoo as the quantizer's library: the trained network where there is a checkpoint, else its structure alone. */
export const zooLibrary: ModelLibrary = {
  list: () => listZooEntries(),
  find: async (source) => {
    const datasets = new Set((await readRecipes()).map(({ dataset }) => dataset));
    for (const dataset of datasets) {
      const recipe = await findRecipe(source, dataset);
      if (recipe === undefined) continue;
      const { model, onnx } = await readCheckpoint(recipe);
      return { network: model.network, onnx, preprocessing: recipe.preprocess };
    }
    const network = buildZooNetwork(zooOptions(source, UNTRAINED_CHANNELS));
    return { network, onnx: undefined, preprocessing: undefined };
  },
};
