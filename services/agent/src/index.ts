export { STRATEGIES } from '@bitwright/strategies';
export type { AgentConfig } from './config.js';
export { agentService, composeAgent } from './service.js';
