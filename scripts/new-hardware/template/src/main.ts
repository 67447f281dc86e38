import process from 'node:process';
import { createAcceleratorService } from '@bitwright/hardware-server';
import { runService } from '@bitwright/service-kit';
import { accelerator } from './cost.js';

const { name, description } = accelerator.capabilities;
await runService(
  createAcceleratorService({ name: `hardware-${name}`, description, accelerators: [accelerator] }),
  process,
);
