import { resolve } from 'node:path';
import {
  assertPolicyFits,
  BitwrightError,
  DEFAULT_SCHEME,
  type Layer,
  type LayerPrecision,
  type PrecisionPolicy,
} from '@bitwright/core';
import { readInputFile } from '@bitwright/service-kit';
import { wrongFlag } from '../flags/flag.js';
import { POLICY_SCHEMA, type PolicyFile } from './policy-file.js';

/** A policy of thousands of layers takes a tenth of it. */
const LARGEST_BYTES = 4_000_000;

/** The bits in a search's policy.json, and the points of a multipoint policy. Throws `invalid_argument` for what is none, or is of another network. */
export async function readPolicyFile(path: string, layers: readonly Layer[], folder: string): Promise<PrecisionPolicy> {
  const refuse = (problem: string) => wrongFlag('policy', `names ${path}, which ${problem}`);
  const bytes = await readInputFile(resolve(folder, path), refuse, LARGEST_BYTES);
  const file = parseJson(bytes, refuse);
  if (file?.schema !== POLICY_SCHEMA || !Array.isArray(file.layers))
    throw refuse(`is no ${POLICY_SCHEMA}; give the policy.json of a search`);
  const policy = { ...DEFAULT_SCHEME, ...pointsOf(file), layers: file.layers.map(toBits) };
  try {
    assertPolicyFits(policy, layers);
  } catch (error) {
    throw error instanceof BitwrightError ? refuse(`does not fit the network: ${error.message}`) : error;
  }
  return policy;
}

/** Of multipoint: how many points each layer has. A policy that nobody has measured says nothing of them. */
function pointsOf({ weightQuantizer, layers = [] }: Partial<PolicyFile>): Partial<PrecisionPolicy> {
  if (weightQuantizer !== 'multipoint') return {};
  if (layers.every((layer) => layer?.points === undefined)) return { weightQuantizer };
  return { weightQuantizer, layerPoints: layers.map((layer) => Number(layer?.points)) };
}

/** What is no number is refused with the bits that nothing runs at. */
function toBits(layer: Partial<PolicyFile['layers'][number]> | null): LayerPrecision {
  return { weightBits: Number(layer?.weightBits), activationBits: Number(layer?.activationBits) };
}

function parseJson(bytes: Uint8Array, refuse: (problem: string) => BitwrightError): Partial<PolicyFile> | null {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Partial<PolicyFile> | null;
  } catch {
    throw refuse('is no JSON');
  }
}
