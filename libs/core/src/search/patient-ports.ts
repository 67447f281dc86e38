import type { Patience } from './patience.js';
import { createPatientCatalog } from './patient-hardware.js';
import { createPatientQuantizer } from './patient-quantizer.js';
import { createPatientStore } from './patient-store.js';
import type { SearchPorts } from './search-ports.js';

/** The same ports for a running search: calls of hardware, quantizer and store wait for what is away. */
export function createPatientPorts(ports: SearchPorts, patience: Patience): SearchPorts {
  return {
    ...ports,
    quantizer: createPatientQuantizer(ports.quantizer, patience),
    hardware: createPatientCatalog(ports.hardware, patience),
    store: createPatientStore(ports.store, patience),
  };
}
