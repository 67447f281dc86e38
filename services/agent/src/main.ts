import process from 'node:process';
import { runService } from '@bitwright/service-kit';
import { agentService } from './service.js';

await runService(agentService, process);
