import { invalidFields } from '@bitwright/core';
import type { Accelerator } from '@bitwright/hardware-kit';
import { explainIssues } from '@bitwright/yaml-document';
import type { z } from 'zod';
import { bismoConstants } from '../bismo/constants.js';
import { createBismo } from '../bismo/model.js';
import { bismoProfileSchema } from '../bismo/profile-schema.js';
import { rooflineConstants } from '../roofline/constants.js';
import { createRoofline } from '../roofline/model.js';
import { rooflineProfileSchema } from '../roofline/profile-schema.js';
import { systolicConstants } from '../systolic/constants.js';
import { createSystolic } from '../systolic/model.js';
import { systolicProfileSchema } from '../systolic/profile-schema.js';
import type { ConstantValues, ProfileConstants, TunableProfile } from './physical-constant.js';

/** Every model that a profile file can describe: one line each. */
export const MODELS: Readonly<Record<string, ProfileModel>> = {
  bismo: profileModel(bismoProfileSchema, createBismo, bismoConstants),
  systolic: profileModel(systolicProfileSchema, createSystolic, systolicConstants),
  roofline: profileModel(rooflineProfileSchema, createRoofline, rooflineConstants),
};

/** Where a profile comes from: its text, what the reader calls it, and the version that its accelerator gets. */
export type ProfileSource = { readonly text: string; readonly name: string; readonly version: string };

/** Throws `invalid_argument` `PROFILE` that names every field that cannot be used. */
export type ProfileModel = (fields: object, source: ProfileSource) => TunableProfile;

function profileModel<Profile extends { readonly version: string }>(
  schema: z.ZodType<Omit<Profile, 'version'>>,
  create: (profile: Profile) => Accelerator,
  constantsOf: ProfileConstants<Profile>,
): ProfileModel {
  return (fields, { text, name, version }) => {
    const { success, data, error } = schema.safeParse(fields);
    if (!success) throw invalidFields(explainIssues(error.issues, fields, name), 'PROFILE');
    const declared = constantsOf({ ...data, version } as Profile);
    const tuned = (values: ConstantValues): TunableProfile => {
      const profile = declared.set(values);
      return {
        accelerator: create(profile),
        constants: declared.constants.map((constant) => ({ ...constant, value: valueAt(profile, constant.paths[0]) })),
        text,
        tune: (others) => tuned({ ...values, ...others }),
      };
    };
    return tuned({});
  };
}

function valueAt(profile: object, path: readonly (string | number)[] = []): number {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], profile) as number;
}
