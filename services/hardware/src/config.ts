import { ACCELERATORS, MISSING_COSTS } from '@bitwright/accelerators';
import {
  addressField,
  type ConfigOf,
  choiceField,
  listField,
  optionalTextField,
  type SERVICE_FIELDS,
} from '@bitwright/service-kit';

/** Settings of a hardware service. */
export const HARDWARE_FIELDS = {
  listen: addressField('where to serve', '127.0.0.1:7003'),
  accelerators: listField(
    'the accelerators to host, by name',
    ACCELERATORS.map(({ capabilities }) => capabilities.name),
  ),
  profiles: listField('profile files of accelerators to host besides, YAML or JSON', []),
  tables: listField('cost tables to host as targets: FILE, which names the target, or NAME=FILE', []),
  missingCosts: choiceField('what tables do where they lack a pair of bits of a layer', MISSING_COSTS, 'refuse'),
  nats: optionalTextField('nats://… of a server with JetStream for events; none are published without'),
};

export type HardwareConfig = ConfigOf<typeof HARDWARE_FIELDS & typeof SERVICE_FIELDS>;
