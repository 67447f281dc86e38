import {
  addressField,
  type ConfigOf,
  integerField,
  optionalAddressField,
  optionalTextField,
  type SERVICE_FIELDS,
} from '@bitwright/service-kit';

/** Settings that every hardware service has. */
export const HARDWARE_SERVER_FIELDS = {
  listen: addressField('where to serve', '127.0.0.1:7003'),
  nats: optionalTextField('nats://… of a server where the service announces itself, with JetStream for events'),
  advertise: optionalAddressField(
    "host:port at which agents reach the service, port 0 for the one it listens on; by default where it listens, with the machine's name for a wildcard",
  ),
  announceSeconds: integerField('how often the service announces itself, seconds; 0 for never', { min: 0, max: 60 }, 5),
};

export type HardwareServerConfig = ConfigOf<typeof HARDWARE_SERVER_FIELDS & typeof SERVICE_FIELDS>;
