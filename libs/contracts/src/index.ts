/** Generated messages and services, one namespace per file: `agentProto.Search`, `agentProto.Search.encode(…)`. */

/** Converters between the wire and the domain. */
export { type AgentCapabilities, fromWireAgentCapabilities, toWireAgentCapabilities } from './agent-capabilities.js';
export { decodeAnnouncement, encodeAnnouncement } from './announcement.js';
export { fromWireConstraint, toWireConstraint } from './constraint.js';
export { fromWireLayerCost, fromWirePolicyCost, toWireLayerCost, toWirePolicyCost } from './cost.js';
export { fromWireCostTable, toWireCostTable } from './cost-table.js';
export { fromWireDataset, toWireDataset } from './dataset.js';
export { readDescriptors } from './descriptors.js';
export { createEnumCodec, type EnumCodec } from './enum-codec.js';
export {
  fromWireEvaluation,
  fromWireEvaluationResult,
  fromWireExportRequest,
  fromWireExportResult,
  fromWireFidelity,
  fromWireFinetuneResult,
  fromWireWorkProgress,
  splits,
  toWireEvaluation,
  toWireEvaluationResult,
  toWireExportRequest,
  toWireExportResult,
  toWireFidelity,
  toWireFinetuneResult,
  toWireWorkProgress,
} from './evaluation.js';
export { decodeEvent, encodeEvent, fromWireEvent, toWireEvent } from './event.js';
export {
  limitText,
  mapEntries,
  optionalText,
  type Range,
  requireBits,
  requireDigest,
  requireInteger,
  requireMessage,
  requireNumber,
  requireText,
} from './fields.js';
export * as agentProto from './gen/bitwright/agent/v1/agent.js';
export {
  type SearchServiceClient,
  SearchServiceDefinition,
  type SearchServiceImplementation,
} from './gen/bitwright/agent/v1/agent.js';
export * as artifactProto from './gen/bitwright/artifact/v1/artifact.js';
export {
  type ArtifactServiceClient,
  ArtifactServiceDefinition,
  type ArtifactServiceImplementation,
} from './gen/bitwright/artifact/v1/artifact.js';
export * as costProto from './gen/bitwright/common/v1/cost.js';
export * as networkProto from './gen/bitwright/common/v1/network.js';
export * as policyProto from './gen/bitwright/common/v1/policy.js';
export * as eventsProto from './gen/bitwright/events/v1/events.js';
export * as hardwareProto from './gen/bitwright/hardware/v1/hardware.js';
export {
  type HardwareServiceClient,
  HardwareServiceDefinition,
  type HardwareServiceImplementation,
} from './gen/bitwright/hardware/v1/hardware.js';
export * as quantizerProto from './gen/bitwright/quantizer/v1/quantizer.js';
export {
  type QuantizerServiceClient,
  QuantizerServiceDefinition,
  type QuantizerServiceImplementation,
} from './gen/bitwright/quantizer/v1/quantizer.js';
export {
  countedLayers,
  fromWireFeedback,
  fromWireHardwareCapabilities,
  fromWireHardwareOptions,
  toWireFeedback,
  toWireHardwareCapabilities,
  toWireHardwareOptions,
} from './hardware.js';
export {
  fromWireIntegerRealization,
  fromWireIntegerRealizationRequest,
  toWireIntegerRealization,
  toWireIntegerRealizationRequest,
} from './integer-realization.js';
export { fromWireLayers, toWireLayers } from './layer.js';
export { LIMITS } from './limits.js';
export {
  fromWireModelDescription,
  fromWireModelSource,
  fromWirePreprocessing,
  fromWireZooEntry,
  toWireModelDescription,
  toWireModelSource,
  toWirePreprocessing,
  toWireZooEntry,
} from './model.js';
export { fromWireNetwork, toWireNetwork } from './network.js';
export { fromWirePolicy, fromWireScheme, toWirePolicy, toWireScheme } from './policy.js';
export { fromWirePolicyAnswer, toWirePolicyAnswer } from './policy-answer.js';
export {
  type ExplainPolicyRequest,
  fromWireExplainPolicyRequest,
  fromWirePolicyExplanation,
  toWireExplainPolicyRequest,
  toWirePolicyExplanation,
} from './policy-explanation.js';
export {
  fromWireLearnPrecisionRequest,
  fromWireLearnPrecisionResult,
  toWireLearnPrecisionRequest,
  toWireLearnPrecisionResult,
} from './precision-learning.js';
/** Limits, and the checks that other edges share. */
export { readAnswer } from './read-answer.js';
export {
  fromResumeToken,
  fromWireWatchUpdate,
  toResumeToken,
  toWireHeartbeat,
  toWireWatchUpdate,
} from './search-progress.js';
export { fromWireSearch, searchPhases, searchStates, toWireSearch } from './search-record.js';
export { fromWireSearchSpec, toWireSearchSpec } from './search-spec.js';
export {
  fromWireSensitivity,
  fromWireSensitivityRequest,
  toWireSensitivity,
  toWireSensitivityRequest,
} from './sensitivity.js';
export { fromWireTrial, toWireTrial } from './trial.js';
