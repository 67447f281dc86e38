import { type PolicyAnswer, policyHash, type Report, type SearchRecord } from '@bitwright/core';

/** Version of the schema of policy.json; see docs/report.md. */
export const POLICY_SCHEMA = 'bitwright.policy/1';

/** `policy.json`: what each layer runs at, and for whom it was found. */
export type PolicyFile = {
  readonly schema: typeof POLICY_SCHEMA;
  readonly searchId: string;
  readonly policyHash: string;
  readonly strategy: string;
  /** Absent in a policy that was computed for another budget than the search's. */
  readonly modelDigest?: string;
  /** The primary target. */
  readonly hardware: string;
  /** All of several targets, the primary one first; absent with a single target. */
  readonly targets?: readonly string[];
  readonly weightQuantizer: string;
  readonly granularity: string;
  /** By position among the quantizable layers; activation bits are those of the layer's input. */
  readonly layers: readonly {
    readonly index: number;
    readonly name: string;
    readonly kind: string;
    readonly weightBits: number;
    readonly activationBits: number;
    /** Of multipoint: low-bit vectors of all output channels together. */
    readonly points?: number;
  }[];
};

/** The policy of a report's result, for tools that want nothing else. */
export function toPolicyFile({ searchId, result, policy, provenance, layers }: Report): PolicyFile {
  return {
    schema: POLICY_SCHEMA,
    searchId,
    policyHash: result.policyHash,
    strategy: result.strategy,
    modelDigest: provenance.modelDigest,
    hardware: provenance.hardware.name,
    ...(provenance.targets && { targets: provenance.targets.map(({ name }) => name) }),
    weightQuantizer: policy.weightQuantizer,
    granularity: policy.granularity,
    layers: layers.map(({ index, name, kind, weightBits, activationBits, points }) => ({
      ...{ index, name, kind, weightBits, activationBits },
      ...(points !== undefined && { points }),
    })),
  };
}

/** A policy that was computed from what a search has measured. */
export function toSolvedPolicyFile({ policy, layers }: PolicyAnswer, { id, spec }: SearchRecord): PolicyFile {
  const targets = spec.hardware.map(({ name }) => name);
  return {
    schema: POLICY_SCHEMA,
    searchId: id,
    policyHash: policyHash(policy),
    strategy: spec.strategy.name,
    hardware: targets[0] ?? '',
    ...(targets.length > 1 && { targets }),
    weightQuantizer: policy.weightQuantizer,
    granularity: policy.granularity,
    layers: layers.map(({ index, name, kind }) => {
      const { weightBits = 8, activationBits = 8 } = policy.layers[index] ?? {};
      return { index, name, kind, weightBits, activationBits };
    }),
  };
}
