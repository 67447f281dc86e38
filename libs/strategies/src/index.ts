export { findStrategy, STRATEGIES } from './registry.js';
