import { agentService } from '@bitwright/agent';
import { hardwareService } from '@bitwright/hardware';
import { quantizerService } from '@bitwright/quantizer';

/** Every service by its name, for `bitwright serve`. */
export const SERVICES = { agent: agentService, quantizer: quantizerService, hardware: hardwareService } as const;
