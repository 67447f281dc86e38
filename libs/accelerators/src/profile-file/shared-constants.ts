import type { ConstantDeclaration } from './physical-constant.js';

/** Constants that several models have; ranges hold anything from a microcontroller to a data centre's accelerator. */

export const CLOCK: ConstantDeclaration = {
  unit: 'MHz',
  explains: 'latency',
  low: 1,
  high: 10_000,
  identifiedBy: 'layers that wait for arithmetic: wide convolutions at the most bits',
};

export const MEMORY_BANDWIDTH: ConstantDeclaration = {
  unit: 'GB/s',
  explains: 'latency',
  low: 0.001,
  high: 100_000,
  identifiedBy:
    'layers that wait for memory: large fully connected layers at batch 1, depthwise layers at the most bits',
};

/** Below a nanosecond there is none. */
export const OVERHEAD: ConstantDeclaration = {
  unit: 'us',
  explains: 'latency',
  low: 0.001,
  high: 1_000_000,
  identifiedBy: 'layers so small that hardly anything but their start takes time',
};

export const MEMORY_ENERGY: ConstantDeclaration = {
  unit: 'pJ/bit',
  explains: 'energy',
  low: 0.01,
  high: 1_000,
  identifiedBy: 'the energy of layers that move much and compute little, beside that of wide convolutions',
};

export const CHIP_MEMORY_ENERGY: ConstantDeclaration = {
  unit: 'pJ/bit',
  explains: 'energy',
  low: 0.0001,
  high: 100,
  identifiedBy: 'the energy of layers that reuse their operands little on the chip, beside that of wide convolutions',
};

/** Of one product or one sum. */
export const ARITHMETIC_ENERGY: ConstantDeclaration = {
  unit: 'pJ',
  explains: 'energy',
  low: 0.0001,
  high: 1_000,
  identifiedBy: 'the energy of one wide convolution at several pairs of bits, the fewest and the most among them',
};

export const STATIC_POWER: ConstantDeclaration = {
  unit: 'mW',
  explains: 'energy',
  low: 0.001,
  high: 1_000_000,
  identifiedBy: 'the energy of layers that take long and do little, such as depthwise ones',
};
