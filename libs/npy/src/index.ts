export { NPY_TYPES, type NpyArray, type NpyOptions, type NpyType, readNpy } from './read-npy.js';
export { writeNpy } from './write-npy.js';
