import { invalidFields, sha256Hex } from '@bitwright/core';
import type { Accelerator } from '@bitwright/hardware-kit';
import { explainIssues, readDocument } from '@bitwright/yaml-document';
import { MODELS } from './models.js';
import type { TunableProfile } from './physical-constant.js';

const PROFILE = { noun: 'profile', reason: 'PROFILE', firstLine: 'model: systolic' };

/** The accelerator that a profile describes: see {@link openProfile}. */
export function parseAccelerator(text: string, sourceName: string): Accelerator {
  return openProfile(text, sourceName).accelerator;
}

/**
 * The profile in a text, YAML or JSON; docs/hardware/profiles.md has an example of each model. Throws one
 * `invalid_argument` `PROFILE` that names every field that cannot be used, what was found, and the fix; `sourceName` is
 * what the reader calls the file. The version is a digest of the text, as costs change with it.
 */
export function openProfile(text: string, sourceName: string): TunableProfile {
  const { model: name, ...fields } = readDocument(text, sourceName, PROFILE);
  const model = typeof name === 'string' && Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (model === undefined) {
    const message = `use one of ${Object.keys(MODELS).join(', ')}`;
    const issues = [{ code: 'custom' as const, path: ['model'], message }];
    throw invalidFields(explainIssues(issues, { model: name }, sourceName), 'PROFILE');
  }
  return model(fields, { text, name: sourceName, version: `sha256-${sha256Hex(text).slice(0, 12)}` });
}
