import { BitwrightError } from '@bitwright/core';
import type { Accelerator } from '@bitwright/hardware-kit';
import { createBismo } from './bismo/model.js';
import { bismoCloud } from './bismo/profiles/cloud.js';
import { bismoEdge } from './bismo/profiles/edge.js';
import { createBitfusion } from './bitfusion/model.js';
import { bitfusionEightByEight } from './bitfusion/profiles/eight-by-eight.js';
import { createRoofline } from './roofline/model.js';
import { roofline } from './roofline/profiles/roofline.js';
import { createSystolic } from './systolic/model.js';
import { microcontroller } from './systolic/profiles/microcontroller.js';
import { npuInt8Int4 } from './systolic/profiles/npu-int8-int4.js';
import { tpu128x128 } from './systolic/profiles/tpu-128x128.js';

/** Every accelerator of this package: one line each. Names are unique. */
export const ACCELERATORS: readonly Accelerator[] = [
  createBismo(bismoEdge), // HAQ's edge accelerator, Zynq-7020
  createBismo(bismoCloud), // HAQ's cloud accelerator, VU9P
  createBitfusion(bitfusionEightByEight), // BitFusion's simulator at its defaults, 64 units
  createSystolic(npuInt8Int4), // embedded NPU, RK3588 class
  createSystolic(microcontroller), // one core with SIMD, XpulpNN class
  createSystolic(tpu128x128), // an eighth of a TPU v4
  createRoofline(roofline), // GPU by its peaks, T4 class
];

/** Accelerators by name, in the order asked for. Throws `not_found`, naming those there are, for an unknown name. */
export function selectAccelerators(names: readonly string[]): readonly Accelerator[] {
  return names.map((name) => ACCELERATORS.find(({ capabilities }) => capabilities.name === name) ?? throwUnknown(name));
}

function throwUnknown(name: string): never {
  const known = ACCELERATORS.map(({ capabilities }) => capabilities.name).join(', ');
  const message = `no accelerator is named "${name}"; there are ${known}`;
  throw new BitwrightError('not_found', 'ACCELERATOR_NOT_FOUND', message);
}
