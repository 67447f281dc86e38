export type { HardwareConfig } from './config.js';
export { composeHardware, hardwareService } from './service.js';
