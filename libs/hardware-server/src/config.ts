import { addressField, type ConfigOf, optionalTextField, type SERVICE_FIELDS } from '@bitwright/service-kit';

/** Settings that every hardware service has. */
export const HARDWARE_SERVER_FIELDS = {
  listen: addressField('where to serve', '127.0.0.1:7003'),
  nats: optionalTextField('nats://… of a server with JetStream for events; none are published without'),
};

export type HardwareServerConfig = ConfigOf<typeof HARDWARE_SERVER_FIELDS & typeof SERVICE_FIELDS>;
