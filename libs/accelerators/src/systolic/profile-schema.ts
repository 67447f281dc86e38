import { ENERGY_45_NM } from '@bitwright/hardware-kit';
import { bitWidths, choice, integer, quantity, section } from '@bitwright/yaml-document';
import { z } from 'zod';
import { BATCH_RULE, COUNTING_FIELDS, ENERGY_FIELDS, IDENTITY_FIELDS } from '../profile-file/shared-fields.js';
import type { SystolicProfile } from './profile.js';

const macRate = z.discriminatedUnion(
  'kind',
  [
    section({ kind: z.literal('fixed') }),
    section({ kind: z.literal('bit_serial') }),
    section({ kind: z.literal('fused') }),
    section({ kind: z.literal('simd'), registerBits: integer(8, 65_536) }),
  ],
  'write { kind: fixed }, { kind: bit_serial }, { kind: fused } or { kind: simd, registerBits: 32 }',
);

const bufferKibibytes = quantity(0.001, 2 ** 24);

/** What a profile file may say; energies are those of 45 nm, and nothing leaks, where it says nothing. */
export const systolicProfileSchema = section({
  ...IDENTITY_FIELDS,
  arrayRows: integer(1, 4096),
  arrayColumns: integer(1, 4096),
  dataflow: choice(['output_stationary', 'weight_stationary', 'input_stationary']),
  clockMegahertz: quantity(0.001, 100_000),
  macRate,
  weightBits: bitWidths,
  activationBits: bitWidths,
  resultBits: integer(1, 64).default(8),
  accumulatorBits: integer(1, 64).default(32),
  weightBufferKibibytes: bufferKibibytes,
  activationBufferKibibytes: bufferKibibytes,
  outputBufferKibibytes: bufferKibibytes,
  dramGigabytesPerSecond: quantity(0.000_001, 1_000_000),
  groupedLowering: choice(['per_channel', 'block_diagonal']),
  hostMicrosecondsPerLayer: quantity(0, 1_000_000).default(0),
  sramPicojoulesPerBit: quantity(0, 10_000).default(ENERGY_45_NM.sram32KibibytesPicojoulesPerBit),
  ...ENERGY_FIELDS,
  ...COUNTING_FIELDS,
}).refine(...BATCH_RULE) satisfies z.ZodType<Omit<SystolicProfile, 'version'>>;
