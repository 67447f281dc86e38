import {
  addressesField,
  addressField,
  type ConfigOf,
  integerField,
  listField,
  optionalTextField,
  type SERVICE_FIELDS,
  textField,
} from '@bitwright/service-kit';

/** Settings of the agent. */
export const AGENT_FIELDS = {
  listen: addressField('where to serve', '127.0.0.1:7001'),
  database: textField('folder of the embedded PostgreSQL, or postgres://… of a server', '.bitwright/database'),
  artifacts: textField('folder for models and checkpoints', '.bitwright/artifacts'),
  quantizer: addressesField(
    'quantizer services, host:port each, which share work; all must have the same models, data sets and artifacts',
    ['127.0.0.1:7002'],
  ),
  hardware: listField(
    'hardware services, host:port each, besides those that announce themselves on NATS; `--hardware=` for none',
    ['127.0.0.1:7003'],
  ),
  nats: optionalTextField(
    'nats://… of a server with JetStream for events and for hardware that announces itself; events in memory without',
  ),
  maxSearches: integerField('searches that run at once; later ones wait', { min: 1, max: 1000 }, 4),
  patienceSeconds: integerField(
    'how long a quantizer or hardware service may be away before a search fails, seconds',
    { min: 1, max: 86_400 },
    300,
  ),
};

export type AgentConfig = ConfigOf<typeof AGENT_FIELDS & typeof SERVICE_FIELDS>;
