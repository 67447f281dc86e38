export { STRATEGIES } from '@bitwright/agent';
export { SERVICES } from './services.js';
export {
  type Embedded,
  type EmbeddedOptions,
  type Evaluators,
  startEmbedded,
  startEvaluators,
} from './start-embedded.js';
