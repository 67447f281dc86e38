import { LIMITS } from '@bitwright/contracts';
import { invalidField } from '@bitwright/core';
import type { ChannelOptions } from '@grpc/grpc-js';
import {
  type Channel,
  type Client,
  type CompatServiceDefinition,
  createClientFactory,
  createChannel as createNiceChannel,
} from 'nice-grpc';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { type CallLimitOptions, limitTime, rebuildErrors, retryUnavailable } from './client-middleware.js';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.js';

export type { CallLimitOptions, Channel };

export type ChannelSettings = {
  /** Largest message, sent or received, bytes. @default 16 MiB */
  readonly messageBytes?: number | undefined;
};

export type ClientOptions = {
  /** Deadline of unary calls that name none, ms. @default 60 000 */
  readonly unaryDeadlineMs?: number | undefined;
  /** Deadline of streaming calls that name none, ms; work and watching take as long as they take. @default Infinity */
  readonly streamDeadlineMs?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
};

/** A client whose calls throw only `BitwrightError`, take `deadlineMs` and `signal`, and retry where that is safe. */
export type GrpcClient<Service extends CompatServiceDefinition> = Client<Service, CallLimitOptions>;

/** A peer that comes back is noticed within 5 s, one that vanished within 40 s. */
const CONNECTION: ChannelOptions = {
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** A connection to `host:port`, made at the first call and kept. Close it when done. Throws `invalid_argument`. */
export function createChannel(address: string, { messageBytes = LIMITS.messageBytes }: ChannelSettings = {}): Channel {
  if (!/^(https?:\/\/)?[^\s/:]+:[0-9]{1,5}$|^(https?:\/\/)?\[[0-9a-f:.]+\]:[0-9]{1,5}$/i.test(address)) {
    throw invalidField('address', `"${address}" is not host:port`, 'ADDRESS');
  }
  return createNiceChannel(address, undefined, {
    ...CONNECTION,
    'grpc.max_receive_message_length': messageBytes,
    'grpc.max_send_message_length': messageBytes,
  });
}

/** A client for one service over a channel. */
export function createClient<Service extends CompatServiceDefinition>(
  definition: Service,
  channel: Channel,
  options: ClientOptions = {},
): GrpcClient<Service> {
  const { unaryDeadlineMs = 60_000, streamDeadlineMs = Number.POSITIVE_INFINITY, retry = DEFAULT_RETRY } = options;
  // The first is the innermost: one try, its error rebuilt; then tries; then the time for all of them.
  return createClientFactory()
    .use(errorDetailsClientMiddleware)
    .use(rebuildErrors)
    .use(retryUnavailable(retry))
    .use(limitTime({ unaryMs: unaryDeadlineMs, streamMs: streamDeadlineMs }))
    .create(definition, channel) as GrpcClient<Service>;
}
