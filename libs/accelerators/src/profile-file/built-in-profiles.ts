import { BitwrightError } from '@bitwright/core';
import { stringify } from 'yaml';
import type { BismoProfile } from '../bismo/profile.js';
import { bismoCloud } from '../bismo/profiles/cloud.js';
import { bismoEdge } from '../bismo/profiles/edge.js';
import type { RooflineProfile } from '../roofline/profile.js';
import { roofline } from '../roofline/profiles/roofline.js';
import type { SystolicProfile } from '../systolic/profile.js';
import { microcontroller } from '../systolic/profiles/microcontroller.js';
import { npuInt8Int4 } from '../systolic/profiles/npu-int8-int4.js';
import { tpu128x128 } from '../systolic/profiles/tpu-128x128.js';
import { openProfile } from './parse-accelerator.js';
import type { TunableProfile } from './physical-constant.js';

/** The accelerators here whose models profile files can describe. */
const BUILT_IN: readonly (readonly [model: string, BismoProfile | SystolicProfile | RooflineProfile])[] = [
  ['bismo', bismoEdge],
  ['bismo', bismoCloud],
  ['systolic', npuInt8Int4],
  ['systolic', microcontroller],
  ['systolic', tpu128x128],
  ['roofline', roofline],
];

/** Names for {@link openBuiltInProfile}. */
export const BUILT_IN_PROFILES: readonly string[] = BUILT_IN.map(([, { name }]) => name);

/** The profile of an accelerator here, as a file would say it. Throws `not_found` and names those there are. */
export function openBuiltInProfile(name: string): TunableProfile {
  const found = BUILT_IN.find(([, profile]) => profile.name === name);
  if (found === undefined) {
    const message = `no accelerator with a profile is named "${name}"; there are ${BUILT_IN_PROFILES.join(', ')}`;
    throw new BitwrightError('not_found', 'PROFILE_NOT_FOUND', message);
  }
  const [model, { version: _, countedLayers, ...fields }] = found;
  const layers = countedLayers === 'all' ? 'all' : 'haq';
  return openProfile(stringify({ model, ...fields, countedLayers: layers }), name);
}
