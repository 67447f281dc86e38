import { DRAM_PICOJOULES_PER_BIT, ENERGY_45_NM } from '@bitwright/hardware-kit';
import { choice, integer, quantity, section } from '@bitwright/yaml-document';
import { z } from 'zod';

const NAME = 'use lower-case words with dashes, at most 60 characters, for example my-npu';

const words = (most: number) => z.string('use text').min(1, 'use text').max(most, `use at most ${most} characters`);

const VALIDATION = 'list figures of { source, metric, errorPercent }, at most 20';

/** What every model's profile begins with. */
export const IDENTITY_FIELDS = {
  name: z
    .string(NAME)
    .max(60, NAME)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, NAME),
  description: z
    .string('use text')
    .max(500, 'use at most 500 characters')
    .default('accelerator that a profile file describes'),
  validation: z
    .array(section({ source: words(300), metric: words(100), errorPercent: quantity(0, 1_000_000) }), VALIDATION)
    .max(20, VALIDATION)
    .default([]),
};

/** How a network's figures count. */
export const COUNTING_FIELDS = {
  defaultBatchImages: integer(1, 65_536).default(1),
  maximumBatchImages: integer(1, 65_536).default(1024),
  countedLayers: choice(['all', 'haq'])
    .transform((layers) => (layers === 'haq' ? 'without-first-and-last' : layers))
    .default('all'),
};

type Batches = { readonly defaultBatchImages: number; readonly maximumBatchImages: number };

/** For `refine`: the default batch is one that can be run. */
export const BATCH_RULE: [(profile: Batches) => boolean, { path: string[]; error: string }] = [
  ({ defaultBatchImages, maximumBatchImages }) => defaultBatchImages <= maximumBatchImages,
  { path: ['defaultBatchImages'], error: 'use at most maximumBatchImages' },
];

const KINDS = Object.keys(DRAM_PICOJOULES_PER_BIT) as (keyof typeof DRAM_PICOJOULES_PER_BIT)[];

/** A number, or a kind of memory for the value of `DRAM_PICOJOULES_PER_BIT`. */
export const dramPicojoulesPerBit = z
  .union([quantity(0, 10_000), z.enum(KINDS)], `use a number from 0 to 10000, or ${KINDS.join(', ')}`)
  .transform((energy) => (typeof energy === 'number' ? energy : DRAM_PICOJOULES_PER_BIT[energy]));

/** Energies of arithmetic and leakage; those of 45 nm where nothing is said, no leakage. */
export const ENERGY_FIELDS = {
  multiplyInt8Picojoules: quantity(0, 10_000).default(ENERGY_45_NM.multiplyInt8Picojoules),
  addInt32Picojoules: quantity(0, 10_000).default(ENERGY_45_NM.addInt32Picojoules),
  dramPicojoulesPerBit: dramPicojoulesPerBit.default(DRAM_PICOJOULES_PER_BIT.lpddr4),
  staticMilliwatts: quantity(0, 10_000_000).default(0),
};
