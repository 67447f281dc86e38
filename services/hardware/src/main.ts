import process from 'node:process';
import { runService } from '@bitwright/service-kit';
import { hardwareService } from './service.js';

await runService(hardwareService, process);
