export { onnxruntimeService } from './service.js';
