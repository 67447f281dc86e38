export type { QuantizerConfig } from './config.js';
export { composeQuantizer, quantizerService } from './service.js';
