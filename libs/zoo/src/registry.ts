import { BitwrightError, type ModelSource, type Network } from '@bitwright/core';
import { buildMobilenetV1 } from './mobilenet-v1.js';
import { buildMobilenetV2 } from './mobilenet-v2.js';
import { buildResnet18 } from './resnet-18.js';
import { buildResnet20 } from './resnet-20.js';
import { assertZooOptions, defaultOutputStride, type ZooOptions } from './zoo-options.js';

/** One line of the zoo. */
export type ZooDefinition = {
  readonly name: string;
  readonly description: string;
  /** Output strides that it can be built with; a single one is fixed. */
  readonly outputStrides: readonly number[];
  build(options: ZooOptions): Network;
};

/** Every network that can be built by name. */
export const ZOO: readonly ZooDefinition[] = [
  { name: 'mobilenet-v1', description: 'MobileNetV1, 28 layers', outputStrides: [32, 16, 8], build: buildMobilenetV1 },
  { name: 'mobilenet-v2', description: 'MobileNetV2, 53 layers', outputStrides: [32, 16, 8], build: buildMobilenetV2 },
  {
    name: 'resnet-18',
    description: 'ResNet-18 for large images, 21 layers',
    outputStrides: [32],
    build: buildResnet18,
  },
  { name: 'resnet-20', description: 'ResNet-20 for small images, 22 layers', outputStrides: [4], build: buildResnet20 },
];

/** A network of the zoo as clients name it. */
export type ZooSource = Extract<ModelSource, { kind: 'zoo' }>;

/** The definition of this name; throws `not_found` `NETWORK_UNKNOWN` with the names there are. */
export function zooDefinition(name: string): ZooDefinition {
  const definition = ZOO.find((candidate) => candidate.name === name);
  if (definition !== undefined) return definition;
  const known = ZOO.map((candidate) => candidate.name).join(', ');
  throw new BitwrightError('not_found', 'NETWORK_UNKNOWN', `there is no network "${name}" in the zoo; it has ${known}`);
}

/** The source with its output stride decided, for data with this many channels. */
export function zooOptions(source: ZooSource, channels: number): ZooOptions {
  const { network, width, imageSize, classes } = source;
  const { outputStrides } = zooDefinition(network);
  const standard = outputStrides.length === 1 ? (outputStrides[0] as number) : defaultOutputStride(imageSize);
  return { network, width, imageSize, channels, classes, outputStride: source.outputStride ?? standard };
}

/** Builds a network. Throws `not_found` for an unknown name and `invalid_argument` for options out of range. */
export function buildZooNetwork(options: ZooOptions): Network {
  const definition = zooDefinition(options.network);
  assertZooOptions(options, definition.outputStrides);
  return definition.build(options);
}
