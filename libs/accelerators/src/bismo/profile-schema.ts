import { choice, integer, quantity, section } from '@bitwright/yaml-document';
import type { z } from 'zod';
import { BATCH_RULE, COUNTING_FIELDS, dramPicojoulesPerBit, IDENTITY_FIELDS } from '../profile-file/shared-fields.js';
import type { BismoProfile } from './profile.js';

/** What a profile file may say; energies and result width are those of the profiles here where it says nothing. */
export const bismoProfileSchema = section({
  ...IDENTITY_FIELDS,
  arrayRows: integer(1, 4096),
  arrayColumns: integer(1, 4096),
  dotProductBits: integer(1, 65_536),
  portBitsPerCycle: integer(1, 65_536),
  weightBufferWords: integer(1, 2 ** 26),
  activationBufferWords: integer(1, 2 ** 26),
  clockMegahertz: quantity(0.001, 100_000),
  groupedLowering: choice(['batch_rows', 'block_diagonal']),
  resultBits: integer(1, 64).default(32),
  binaryOperationPicojoules: quantity(0, 10_000).default(0.519),
  dramPicojoulesPerBit: dramPicojoulesPerBit.default(15),
  staticMilliwatts: quantity(0, 10_000_000).default(0),
  hostMicrosecondsPerLayer: quantity(0, 1_000_000).default(0),
  parallelToSerialMicrosecondsPerLayer: quantity(0, 1_000_000).default(0),
  ...COUNTING_FIELDS,
}).refine(...BATCH_RULE) satisfies z.ZodType<Omit<BismoProfile, 'version'>>;
