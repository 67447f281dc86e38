export { type CallLimits, DEFAULT_DEADLINES, type ServerDeadlines } from './call-limits.js';
export { withSignal } from './call-options.js';
export {
  type CallLimitOptions,
  type Channel,
  type ChannelSettings,
  type ClientOptions,
  createChannel,
  createClient,
  type GrpcClient,
} from './client.js';
export { type ConfigSources, describeConfig, readConfig } from './config.js';
export {
  addressesField,
  addressField,
  type ConfigField,
  type ConfigFields,
  type ConfigOf,
  choiceField,
  flagField,
  integerField,
  listField,
  numberField,
  optionalAddressField,
  optionalTextField,
  textField,
} from './config-fields.js';
export { namesOf, type SettingNames } from './config-names.js';
export { type Deadline, startDeadline } from './deadline.js';
export { errorCode } from './error-code.js';
export { type FolderLock, lockFolder } from './folder-lock.js';
export { type Health, HealthDefinition } from './health.js';
export { createLifecycle, type Lifecycle, type SignalSource, stopOnSignals } from './lifecycle.js';
export {
  createLogger,
  LOG_LEVELS,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  redactUrls,
  silentLogger,
} from './logger.js';
export { openProcessFolder, type ProcessFolder } from './process-folder.js';
export { readInputFile } from './read-input-file.js';
export { DEFAULT_RETRY, type FailedAttempt, mayRetry, type RetryPolicy, retryDelayMs } from './retry.js';
export {
  type Environment,
  type RunningService,
  runService,
  SERVICE_FIELDS,
  type ServiceConfig,
  type ServiceDefinition,
  type ServiceProcess,
} from './run-service.js';
export { createServer, type GrpcServer, type ServerOptions } from './server.js';
export { type FailedCall, fromFailedCall, REASON_TRAILER, STATUS_OF_KIND, toServerError } from './status.js';
