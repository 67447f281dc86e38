export { type CheckpointRecipe, checkpointName, RECIPE_SCHEMA, toZooEntry } from './checkpoint.js';
export {
  CHECKPOINT_FOLDER,
  type Checkpoint,
  findRecipe,
  listZooEntries,
  readCheckpoint,
  readRecipes,
  writeCheckpoint,
} from './checkpoint-store.js';
export { buildMobilenetV2, type MobilenetV2Variant } from './mobilenet-v2.js';
export { buildZooNetwork, ZOO, type ZooDefinition, type ZooSource, zooDefinition, zooOptions } from './registry.js';
export { defaultOutputStride, type ZooOptions } from './zoo-options.js';
