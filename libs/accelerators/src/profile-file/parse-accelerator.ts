import { invalidFields, sha256Hex } from '@bitwright/core';
import type { Accelerator } from '@bitwright/hardware-kit';
import type { z } from 'zod';
import { createBismo } from '../bismo/model.js';
import { bismoProfileSchema } from '../bismo/profile-schema.js';
import { createRoofline } from '../roofline/model.js';
import { rooflineProfileSchema } from '../roofline/profile-schema.js';
import { createSystolic } from '../systolic/model.js';
import { systolicProfileSchema } from '../systolic/profile-schema.js';
import { explainIssues } from './explain-issues.js';
import { readDocument } from './read-document.js';

/** Every model that a profile file can describe: one line each. */
const MODELS: Readonly<Record<string, ProfileModel>> = {
  bismo: profileModel(bismoProfileSchema, createBismo),
  systolic: profileModel(systolicProfileSchema, createSystolic),
  roofline: profileModel(rooflineProfileSchema, createRoofline),
};

/**
 * The accelerator that a profile describes, in YAML or JSON; docs/hardware/profiles.md has an example of each model.
 * Throws one `invalid_argument` `PROFILE` that names every field that cannot be used, what was found, and the fix;
 * `sourceName` is what the reader calls the file. The version is a digest of the text, as costs change with it.
 */
export function parseAccelerator(text: string, sourceName: string): Accelerator {
  const { model: name, ...fields } = readDocument(text, sourceName);
  const model = typeof name === 'string' && Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (model === undefined) {
    const message = `use one of ${Object.keys(MODELS).join(', ')}`;
    const issues = [{ code: 'custom' as const, path: ['model'], message }];
    throw invalidFields(explainIssues(issues, { model: name }, sourceName), 'PROFILE');
  }
  return model(fields, sourceName, `sha256-${sha256Hex(text).slice(0, 12)}`);
}

type ProfileModel = (fields: object, sourceName: string, version: string) => Accelerator;

/** What a file does not say: it brings no validation, because nobody has compared it with anything. */
type Given<Profile> = Omit<Profile, 'version' | 'validation'>;

function profileModel<Profile>(
  schema: z.ZodType<Given<Profile>>,
  create: (profile: Profile) => Accelerator,
): ProfileModel {
  return (fields, sourceName, version) => {
    const { success, data, error } = schema.safeParse(fields);
    if (!success) throw invalidFields(explainIssues(error.issues, fields, sourceName), 'PROFILE');
    return create({ ...data, version, validation: [] } as Profile);
  };
}
