import process from 'node:process';
import { runService } from '@bitwright/service-kit';
import { onnxruntimeService } from './service.js';

await runService(onnxruntimeService, process);
