import { ACCELERATORS, MISSING_COSTS } from '@bitwright/accelerators';
import { HARDWARE_SERVER_FIELDS } from '@bitwright/hardware-server';
import { type ConfigOf, choiceField, listField, type SERVICE_FIELDS } from '@bitwright/service-kit';

/** Settings of a hardware service. */
export const HARDWARE_FIELDS = {
  ...HARDWARE_SERVER_FIELDS,
  accelerators: listField(
    'the accelerators to host, by name',
    ACCELERATORS.map(({ capabilities }) => capabilities.name),
  ),
  profiles: listField('profile files of accelerators to host besides, YAML or JSON', []),
  tables: listField('cost tables to host as targets: FILE, which names the target, or NAME=FILE', []),
  missingCosts: choiceField('what tables do where they lack a pair of bits of a layer', MISSING_COSTS, 'refuse'),
};

export type HardwareConfig = ConfigOf<typeof HARDWARE_FIELDS & typeof SERVICE_FIELDS>;
