import { describeAccelerator } from '@bitwright/hardware-kit/testing';
import { accelerator } from './cost.js';

describeAccelerator(accelerator);
