import { setTimeout as sleep } from 'node:timers/promises';
import {
  ArtifactServiceDefinition,
  type ArtifactServiceImplementation,
  HardwareServiceDefinition,
  type HardwareServiceImplementation,
} from '@bitwright/contracts';
import { BitwrightError, type ErrorKind, invalidField, invalidFields } from '@bitwright/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CallLimits } from './call-limits.js';
import { type ClientOptions, createChannel, createClient } from './client.js';
import { HealthDefinition } from './health.js';
import { createLogger } from './logger.js';
import { createServer, type ServerOptions } from './server.js';
import { STATUS_OF_KIND } from './status.js';

const HARDWARE = 'bitwright.hardware.v1.HardwareService';
const noRetry = { attempts: 1, initialMs: 1, factor: 1, longestMs: 1 };

const unused = () => Promise.reject(new Error('this handler is not part of the test'));

/** Serves hardware and artifact handlers on a free port of loopback until the test ends, with a client for each. */
async function serveLoopback(
  handlers: Partial<HardwareServiceImplementation<CallLimits>> & Partial<ArtifactServiceImplementation<CallLimits>>,
  options: { readonly server?: ServerOptions; readonly client?: ClientOptions } = {},
) {
  const server = createServer(options.server);
  const stream = async function* () {};
  server.add(HardwareServiceDefinition, { getCapabilities: unused, tabulate: unused, evaluate: stream, ...handlers });
  server.add(ArtifactServiceDefinition, { putArtifact: unused, getArtifact: stream, hasArtifact: unused, ...handlers });
  const address = await server.listen('127.0.0.1:0');
  const channel = createChannel(address);
  onTestFinished(async () => {
    channel.close();
    await server.close(0);
  });
  return {
    server,
    address,
    channel,
    hardware: createClient(HardwareServiceDefinition, channel, options.client),
    artifacts: createClient(ArtifactServiceDefinition, channel, options.client),
  };
}

async function failureOf(work: Promise<unknown>): Promise<BitwrightError> {
  const error = await work.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BitwrightError);
  return error as BitwrightError;
}

describe('errors on the wire', () => {
  it.each(Object.keys(STATUS_OF_KIND) as ErrorKind[])(
    '%s comes back with its kind, reason and message',
    async (kind) => {
      const fail = () => Promise.reject(new BitwrightError(kind, 'SOME_REASON', 'what went wrong: ümläut'));
      const { hardware } = await serveLoopback({ tabulate: fail }, { client: { retry: noRetry } });
      const error = await failureOf(hardware.tabulate({}));
      expect(error).toMatchObject({ kind, reason: 'SOME_REASON' });
      if (kind === 'internal') expect(error.message).not.toContain('what went wrong');
      else expect(error.message).toBe('what went wrong: ümläut');
    },
  );

  it('brings every violated field back', async () => {
    const violations = [
      { field: 'request.layers[3].kernel_height', description: 'is 0' },
      { field: 'request.batch', description: 'is too large' },
    ];
    const { hardware } = await serveLoopback({ tabulate: () => Promise.reject(invalidFields(violations)) });
    expect((await failureOf(hardware.tabulate({}))).violations).toEqual(violations);
  });

  it('shortens what would not fit into trailers', async () => {
    const violations = Array.from({ length: 2000 }, (_, index) => ({
      field: `layers[${index}]`,
      description: 'x'.repeat(9999),
    }));
    const { hardware } = await serveLoopback({ tabulate: () => Promise.reject(invalidFields(violations)) });
    const error = await failureOf(hardware.tabulate({}));
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'INVALID_FIELD' });
    expect(error.violations).toHaveLength(16);
  });

  it('hides what an unexpected throwable said', async () => {
    const { hardware } = await serveLoopback({ tabulate: () => Promise.reject(new TypeError('secret path /x')) });
    const error = await failureOf(hardware.tabulate({}));
    expect(error.kind).toBe('internal');
    expect(error.message).not.toContain('secret');
  });

  it('brings back an error thrown in the middle of a stream, after what was sent before', async () => {
    const { artifacts } = await serveLoopback({
      async *getArtifact() {
        yield { chunk: new Uint8Array([1]) };
        throw invalidField('digest', 'is gone');
      },
    });
    const received: unknown[] = [];
    const read = async () => {
      for await (const message of artifacts.getArtifact({})) received.push(message);
    };
    expect((await failureOf(read())).kind).toBe('invalid_argument');
    expect(received).toHaveLength(1);
  });
});

describe('deadlines and cancellation', () => {
  it("ends a call at the client's deadline and tells the handler", async () => {
    let aborted: AbortSignal | undefined;
    const { hardware } = await serveLoopback({
      tabulate: (_request, { signal }) => {
        aborted = signal;
        return new Promise(() => {});
      },
    });
    const error = await failureOf(hardware.tabulate({}, { deadlineMs: 100 }));
    expect(error).toMatchObject({ kind: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
    await expect.poll(() => aborted?.aborted).toBe(true);
  });

  it("ends a call at the server's own maximum, also when the handler does not listen", async () => {
    const { hardware } = await serveLoopback(
      { tabulate: () => new Promise(() => {}) },
      { server: { deadlines: { unaryMs: 50 } } },
    );
    expect(await failureOf(hardware.tabulate({}))).toMatchObject({ kind: 'deadline_exceeded' });
  });

  it('gives up a unary call at once when the caller aborts', async () => {
    let signalled = false;
    const { hardware } = await serveLoopback({
      tabulate: (_request, { signal }) => {
        signal.addEventListener('abort', () => {
          signalled = true;
        });
        return new Promise(() => {});
      },
    });
    const abort = new AbortController();
    const call = failureOf(hardware.tabulate({}, { signal: abort.signal }));
    await sleep(50);
    abort.abort();
    expect((await call).kind).toBe('cancelled');
    await expect.poll(() => signalled).toBe(true);
  });

  it('gives up a stream that says nothing when the caller aborts', async () => {
    let signalled = false;
    const { artifacts } = await serveLoopback({
      async *getArtifact(_request, { signal }) {
        yield { chunk: new Uint8Array([1]) };
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        signalled = true;
      },
    });
    const abort = new AbortController();
    const read = async () => {
      for await (const _ of artifacts.getArtifact({}, { signal: abort.signal })) setTimeout(() => abort.abort(), 20);
    };
    expect((await failureOf(read())).kind).toBe('cancelled');
    await expect.poll(() => signalled).toBe(true);
  });
});

describe('limits', () => {
  it('refuses a message that is too large as invalid, not as something to retry', async () => {
    const { hardware } = await serveLoopback({}, { server: { messageBytes: 10_000 } });
    const error = await failureOf(hardware.tabulate({ hardware: 'x'.repeat(20_000) }));
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'MESSAGE_TOO_LARGE' });
  });

  it('refuses to send an answer that is too large', async () => {
    const answer = () => Promise.resolve({ table: { hardware: 'x'.repeat(20_000) } });
    const { hardware } = await serveLoopback({ tabulate: answer }, { server: { messageBytes: 10_000 } });
    expect(await failureOf(hardware.tabulate({}))).toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
  });
});

describe('the log', () => {
  it('tells what a bug was, which the client does not learn', async () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 'test', destination: { write: (line) => void lines.push(line) } });
    const bug = () => Promise.reject(new TypeError('undefined is not a function'));
    const { hardware } = await serveLoopback({ tabulate: bug }, { server: { logger } });
    await failureOf(hardware.tabulate({}));
    const failure = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find(({ level }) => level === 'error');
    expect(failure).toMatchObject({ kind: 'internal', method: '/bitwright.hardware.v1.HardwareService/Tabulate' });
    expect(JSON.stringify(failure)).toContain('undefined is not a function');
  });
});

describe('retries', () => {
  const quick = { attempts: 3, initialMs: 1, factor: 1, longestMs: 1 };
  const failTimes = (times: number) => {
    const calls = { count: 0 };
    const handler = () => {
      calls.count += 1;
      if (calls.count <= times) return Promise.reject(new BitwrightError('unavailable', 'AWAY', 'come back'));
      return Promise.resolve({});
    };
    return { calls, handler };
  };

  it('tries an idempotent call again while the peer is away', async () => {
    const { calls, handler } = failTimes(2);
    const { hardware } = await serveLoopback({ tabulate: handler }, { client: { retry: quick } });
    await hardware.tabulate({});
    expect(calls.count).toBe(3);
  });

  it("gives up after the last attempt with the peer's error", async () => {
    const { calls, handler } = failTimes(5);
    const { hardware } = await serveLoopback({ tabulate: handler }, { client: { retry: quick } });
    expect(await failureOf(hardware.tabulate({}))).toMatchObject({ kind: 'unavailable', reason: 'AWAY' });
    expect(calls.count).toBe(3);
  });

  it('says that a peer is unavailable when nobody listens', async () => {
    const { hardware, server, channel } = await serveLoopback({}, { client: { retry: quick } });
    await server.close(0);
    expect((await failureOf(hardware.tabulate({}))).kind).toBe('unavailable');
    channel.close();
  });
});

describe('health', () => {
  it('answers per service, and says NOT_SERVING to watchers while draining', async () => {
    const { server, channel } = await serveLoopback({});
    const health = createClient(HealthDefinition, channel);
    expect((await health.check({ service: '' })).status).toBe(1);
    expect((await health.check({ service: HARDWARE })).status).toBe(1);
    expect((await failureOf(health.check({ service: 'unknown' }))).kind).toBe('not_found');
    server.health.set(HARDWARE, false);
    expect((await health.check({ service: HARDWARE })).status).toBe(2);

    const statuses: number[] = [];
    const watched = (async () => {
      for await (const { status } of health.watch({ service: '' })) {
        statuses.push(status);
        if (statuses.length === 1) void server.close(5000);
      }
    })();
    await failureOf(watched);
    expect(statuses[0]).toBe(1);
  });

  it('is not serving before it listens', async () => {
    expect(createServer().health.isServing('')).toBe(false);
  });
});

describe('draining', () => {
  it('lets a running call finish, and refuses new connections', async () => {
    const { hardware, server, address } = await serveLoopback({
      tabulate: async () => {
        await sleep(200);
        return { table: { hardware: 'done' } };
      },
    });
    const call = hardware.tabulate({});
    await sleep(50);
    const closed = server.close(5000);
    expect((await call).table?.hardware).toBe('done');
    await closed;
    const channel = createChannel(address);
    const late = createClient(HardwareServiceDefinition, channel, { retry: noRetry });
    expect((await failureOf(late.tabulate({}))).kind).toBe('unavailable');
    channel.close();
  });

  it('cuts off what still runs after the drain time, which the client sees as a lost peer', async () => {
    const { hardware, server } = await serveLoopback(
      { tabulate: () => new Promise(() => {}) },
      { client: { retry: noRetry } },
    );
    const call = failureOf(hardware.tabulate({}));
    await sleep(50);
    await server.close(50);
    expect(await call).toMatchObject({ kind: 'unavailable' });
  });

  it('ends endless streams that asked for it at once', async () => {
    const { artifacts, server } = await serveLoopback({
      async *getArtifact(_request, context) {
        context.abortOnTerminate();
        yield { chunk: new Uint8Array() };
        await new Promise(() => {});
      },
    });
    const read = async () => {
      for await (const _ of artifacts.getArtifact({})) void server.close(5000);
    };
    expect(await failureOf(read())).toMatchObject({ kind: 'unavailable', reason: 'SHUTTING_DOWN' });
  });
});

it('refuses an address that is taken, naming it', async () => {
  const { address } = await serveLoopback({});
  const error = await failureOf(createServer().listen(address));
  expect(error).toMatchObject({ kind: 'failed_precondition', reason: 'LISTEN_FAILED' });
  expect(error.message).toContain(address);
});
