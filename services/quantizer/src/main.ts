import process from 'node:process';
import { runService } from '@bitwright/service-kit';
import { quantizerService } from './service.js';

await runService(quantizerService, process);
