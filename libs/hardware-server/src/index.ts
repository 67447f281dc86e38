export { type AcceleratorServiceOptions, createAcceleratorService } from './accelerator-service.js';
export { HARDWARE_SERVER_FIELDS, type HardwareServerConfig } from './config.js';
export { serveHardware } from './serve-hardware.js';
