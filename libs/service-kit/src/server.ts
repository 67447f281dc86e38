import { LIMITS, readDescriptors } from '@bitwright/contracts';
import { BitwrightError } from '@bitwright/core';
import type { ChannelOptions } from '@grpc/grpc-js';
import {
  type CompatServiceDefinition,
  createServer as createNiceServer,
  type Server,
  type ServiceImplementation,
} from 'nice-grpc';
import { errorDetailsServerMiddleware } from 'nice-grpc-error-details';
import { type CallLimits, DEFAULT_DEADLINES, limitCalls, type ServerDeadlines } from './call-limits.js';
import { createHealth, type Health, HealthDefinition } from './health.js';
import { type Logger, silentLogger } from './logger.js';
import { createReflection } from './reflection.js';
import { logCalls, mapErrors } from './server-middleware.js';

export type ServerOptions = {
  readonly logger?: Logger | undefined;
  /** Whether the service describes itself to tools (`grpc.reflection.v1` and `v1alpha`). @default true */
  readonly reflection?: boolean | undefined;
  readonly deadlines?: ServerDeadlines | undefined;
  /** Largest message, sent or received, bytes. @default 16 MiB, as {@link LIMITS.messageBytes} */
  readonly messageBytes?: number | undefined;
  /** Calls that one connection may have open at once; more wait at the client. @default 256 */
  readonly maxConcurrentStreams?: number | undefined;
};

/** A gRPC server with health, reflection, error mapping, logging and deadlines. */
export type GrpcServer = {
  /** Adds a service before `listen`; it is healthy from then on, unless `health` says otherwise. */
  add<Service extends NamedService>(
    definition: Service,
    implementation: ServiceImplementation<Service, CallLimits>,
  ): void;
  readonly health: Health;
  /** Listens on `host:port` (port 0: any free one) and gives the address it got. Throws `failed_precondition`. */
  listen(address: string): Promise<string>;
  /**
   * Drains: health says NOT_SERVING, new connections are refused, running calls get `drainMs` milliseconds to finish,
   * then they are cut off. Idempotent.
   */
  close(drainMs?: number): Promise<void>;
};

type NamedService = CompatServiceDefinition & { readonly fullName: string };

const DEFAULT_DRAIN_MS = 10_000;

/** Peers that vanished without a word are noticed after 30 s + 10 s. */
const KEEP_ALIVE: ChannelOptions = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 10_000 };

export function createServer(options: ServerOptions = {}): GrpcServer {
  const logger = options.logger ?? silentLogger();
  const draining = new AbortController();
  const server = createNiceServer(toChannelOptions(options))
    .use(errorDetailsServerMiddleware)
    .use(mapErrors)
    .use(logCalls(logger))
    .use(limitCalls({ ...DEFAULT_DEADLINES, ...options.deadlines }, draining.signal));
  const { health, implementation } = createHealth();
  const services: string[] = [];
  let closing: Promise<void> | undefined;
  return {
    health,
    add: (definition, handlers) => {
      server.add(definition, handlers);
      services.push(definition.fullName);
      health.set(definition.fullName, true);
    },
    listen: async (address) => {
      server.add(HealthDefinition, implementation);
      if (options.reflection !== false) addReflection(server, services, logger);
      const bound = await listen(server, address);
      health.set('', true);
      logger.info({ address: bound, services }, 'listening');
      return bound;
    },
    close: (drainMs = DEFAULT_DRAIN_MS) => {
      health.drain();
      draining.abort();
      closing ??= shutDown(server, drainMs, logger);
      return closing;
    },
  };
}

function toChannelOptions({
  messageBytes = LIMITS.messageBytes,
  maxConcurrentStreams = 256,
}: ServerOptions): ChannelOptions {
  return {
    ...KEEP_ALIVE,
    'grpc.max_receive_message_length': messageBytes,
    'grpc.max_send_message_length': messageBytes,
    'grpc.max_concurrent_streams': maxConcurrentStreams,
  };
}

function addReflection(server: Server<CallLimits>, services: readonly string[], logger: Logger): void {
  const descriptors = readDescriptors();
  if (descriptors === undefined) {
    logger.warn('no descriptors: reflection is off; run `npm run generate`');
    return;
  }
  const { definitions, implementation } = createReflection(descriptors, services);
  for (const definition of definitions) server.add(definition, implementation);
}

async function listen(server: Server<CallLimits>, address: string): Promise<string> {
  const host = /^(.+):[0-9]{1,5}$/.exec(address)?.[1];
  if (host === undefined) throw listenFailed(address, 'write host:port, for example 127.0.0.1:7001');
  try {
    return `${host}:${await server.listen(address)}`;
  } catch (error) {
    throw listenFailed(address, error instanceof Error ? error.message : String(error), error);
  }
}

function listenFailed(address: string, why: string, cause?: unknown): BitwrightError {
  return new BitwrightError('failed_precondition', 'LISTEN_FAILED', `cannot listen on ${address}: ${why}`, { cause });
}

async function shutDown(server: Server<CallLimits>, drainMs: number, logger: Logger): Promise<void> {
  const force = setTimeout(() => {
    logger.warn({ drainMs }, 'calls were still running after the drain time; they are cut off');
    server.forceShutdown();
  }, drainMs);
  try {
    await server.shutdown();
  } finally {
    clearTimeout(force);
  }
}
