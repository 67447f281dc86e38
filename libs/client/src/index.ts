export type { AgentCapabilities } from '@bitwright/contracts';
export { type AgentClient, type CreateSearchOptions, connectAgent, type ListSearchesOptions } from './agent-client.js';
export type { CheckResult } from './conformance/check.js';
export {
  type CheckHardwareOptions,
  type CheckProgress,
  type ConformanceReport,
  checkHardware,
} from './conformance/check-hardware.js';
export { connectHardware, findHardware, type HardwareConnection } from './connect-hardware.js';
export { connectQuantizer, type QuantizerConnection } from './connect-quantizer.js';
export type { WatchOptions } from './watch-search.js';
