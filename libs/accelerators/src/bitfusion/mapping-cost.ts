import type { DataMovement } from './data-movement.js';
import type { BitfusionProfile } from './profile.js';
import type { TiledLayer } from './tiled-layer.js';

/** Picojoules by where they go. */
export type EnergyParts = {
  readonly corePicojoules: number;
  readonly bufferPicojoules: number;
  readonly dramPicojoules: number;
  readonly staticPicojoules: number;
};

/** Bits between memory and buffers; outputs are read and written as partial sums, as the simulator does. */
export const dramBits = ({ input, weight, output }: DataMovement) =>
  input.movedBits + weight.movedBits + 2 * output.movedBits;

/** Cycles before the array has its first tiles and after it has left its last output (L). */
export function fillAndDrainCycles(profile: BitfusionProfile, movement: DataMovement): number {
  const { input, weight, output } = movement;
  const firstTilesBits = input.residentBits + weight.residentBits + output.residentBits;
  return transferCycles(profile, firstTilesBits) + transferCycles(profile, output.residentBits);
}

/** Cycles of a layer: the array and the memory work at the same time, but for the first tiles and the last output. */
export function mappingCycles(profile: BitfusionProfile, tiled: TiledLayer, movement: DataMovement): number {
  const { input, weight, output } = movement;
  const firstAndLastBits = input.residentBits + weight.residentBits + 2 * output.residentBits;
  const streamCycles = transferCycles(profile, dramBits(movement) - firstAndLastBits);
  return Math.max(tiled.computeCycles, streamCycles) + fillAndDrainCycles(profile, movement);
}

/** Energy of a layer that takes so many cycles. */
export function mappingEnergy(
  profile: BitfusionProfile,
  tiled: TiledLayer,
  movement: DataMovement,
  cycles: number,
): EnergyParts {
  const { arrayRows, arrayColumns, inputBuffer, weightBuffer, outputBuffer } = profile;
  const outputPicojoulesPerBit = outputBuffer.readPicojoulesPerBit + outputBuffer.writePicojoulesPerBit;
  const loadPicojoules =
    movement.input.movedBits * inputBuffer.writePicojoulesPerBit +
    movement.weight.movedBits * weightBuffer.writePicojoulesPerBit +
    movement.output.movedBits * outputPicojoulesPerBit;
  // Milliwatts for microseconds are nanojoules.
  const staticNanojoules = profile.staticMilliwatts * (cycles / profile.clockMegahertz);
  return {
    corePicojoules: tiled.computeCycles * arrayRows * arrayColumns * profile.fusionUnitPicojoules,
    bufferPicojoules: tiled.feedPicojoules + loadPicojoules,
    dramPicojoules: dramBits(movement) * profile.dramPicojoulesPerBit,
    staticPicojoules: staticNanojoules * 1e3,
  };
}

export const totalPicojoules = (energy: EnergyParts) =>
  energy.corePicojoules + energy.bufferPicojoules + energy.dramPicojoules + energy.staticPicojoules;

/** Cycles that the memory interface needs for so many bits. */
export const transferCycles = (profile: BitfusionProfile, bits: number) => Math.ceil(bits / profile.memoryBitsPerCycle);
