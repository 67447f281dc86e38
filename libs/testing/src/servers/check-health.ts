import { type Client, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';

const HealthClient = makeGenericClientConstructor({}, 'grpc.health.v1.Health');
const METHOD = '/grpc.health.v1.Health/Check';
const keepBytes = (bytes: Buffer) => bytes;

/** What `grpc.health.v1` says, or `UNREACHABLE`. */
export type HealthAnswer = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'UNREACHABLE';

/** Asks one server for its health over a connection of its own; spoken byte by byte, so that it checks our stack from outside. */
export type HealthProbe = {
  /** Of a service by its full name; of the process as a whole without one. */
  check(service?: string): Promise<HealthAnswer>;
  close(): void;
};

/** A probe of the server at `host:port`. */
export function openHealthProbe(address: string): HealthProbe {
  const options = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 100 };
  const client: Client = new HealthClient(address, credentials.createInsecure(), options);
  const check = (service = '') =>
    new Promise<HealthAnswer>((resolve) => {
      const deadline = Date.now() + 5_000;
      client.makeUnaryRequest(METHOD, keepBytes, keepBytes, encodeRequest(service), { deadline }, (error, answer) =>
        resolve(error !== null || answer === undefined ? 'UNREACHABLE' : decodeAnswer(answer)),
      );
    });
  return { check, close: () => client.close() };
}

/** Field 1, the service's name; an empty one is left out. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  return name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a, name.length), name]);
}

/** Field 1, the status; 0 is left out. */
function decodeAnswer(answer: Buffer): HealthAnswer {
  const status = answer[0] === 0x08 ? answer[1] : 0;
  if (status === 1) return 'SERVING';
  return status === 2 ? 'NOT_SERVING' : 'UNKNOWN';
}
