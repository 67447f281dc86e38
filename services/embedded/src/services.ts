import { agentService } from '@bitwright/agent';
import { hardwareService } from '@bitwright/hardware';
import { onnxruntimeService } from '@bitwright/hardware-onnxruntime';
import { quantizerService } from '@bitwright/quantizer';

/** Every service by its name, for `bitwright serve`. */
export const SERVICES = {
  agent: agentService,
  quantizer: quantizerService,
  hardware: hardwareService,
  'hardware-onnxruntime': onnxruntimeService,
} as const;
