import { artifactHandlers, MemoryArtifactStore } from '@bitwright/adapters';
import {
  ArtifactServiceDefinition,
  agentProto,
  fromResumeToken,
  fromWireSearchSpec,
  SearchServiceDefinition,
  type SearchServiceImplementation,
  toWireAgentCapabilities,
  toWireHeartbeat,
  toWireSearch,
  toWireWatchUpdate,
} from '@bitwright/contracts';
import {
  BitwrightError,
  completeSearchSpec,
  type HardwareTarget,
  type PartialSearchSpec,
  REPORT_SCHEMA,
  type SearchProgress,
  type SearchRecord,
  uniformPolicy,
} from '@bitwright/core';
import { type CallLimits, createServer } from '@bitwright/service-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectAgent } from './agent-client.js';

const spec: PartialSearchSpec = {
  model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10, outputStride: undefined },
  dataset: { name: 'fashion-mnist' },
  hardware: [{ name: 'bismo-edge', batch: undefined, counted: undefined }],
  budget: [{ metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } }],
};

const HAQ = {
  name: 'haq',
  description: 'DDPG',
  options: [
    { name: 'noise', description: 'σ0', values: 'a number from 0 to 10', default: '0.5' },
    { name: 'warmUp', description: 'episodes without updates', values: 'a whole number', default: undefined },
  ],
};

function progressAt(sequence: number, total: number): SearchProgress {
  const state = sequence === total ? 'completed' : 'running';
  const head = { searchId: 's1', sequence, state, phase: 'searching', done: sequence, total } as const;
  return {
    ...head,
    evaluationsPerSecond: 1,
    etaSeconds: total - sequence,
    best: undefined,
    latest: undefined,
    failure: undefined,
    waitingFor: undefined,
  };
}

/** An agent that keeps searches in a map and counts to `total` for whoever watches. */
class FakeAgent {
  readonly searches = new Map<string, SearchRecord>();
  readonly requests: unknown[] = [];
  /** The update after which the stream breaks, once. */
  breakAfter: number | undefined;
  total = 5;
  report = JSON.stringify({ schema: REPORT_SCHEMA, searchId: 's1' });

  readonly handlers: SearchServiceImplementation<CallLimits> = {
    createSearch: ({ requestId, spec: wire }) => {
      const now = { createdAt: 1, updatedAt: 2, failure: undefined };
      const id = `s${this.searches.size + 1}`;
      const record: SearchRecord = {
        id,
        requestId,
        spec: fromWireSearchSpec(wire, 'request.spec'),
        state: 'pending',
        phase: 'preparing',
        ...now,
      };
      this.searches.set(id, record);
      return Promise.resolve({ search: toWireSearch(record) });
    },
    getSearch: ({ searchId }) => Promise.resolve({ search: toWireSearch(this.#find(searchId)) }),
    listSearches: (request) => {
      this.requests.push(request);
      return Promise.resolve({ searches: [...this.searches.values()].map(toWireSearch), nextPageToken: 'more' });
    },
    watchSearch: (request, context) => this.#watch(request, context),
    cancelSearch: ({ searchId }) =>
      Promise.resolve({ search: toWireSearch({ ...this.#find(searchId), state: 'cancelled' }) }),
    resumeSearch: ({ searchId }) =>
      Promise.resolve({ search: toWireSearch({ ...this.#find(searchId), state: 'pending' }) }),
    deleteSearch: ({ searchId, allowMissing }) => {
      if (!this.searches.delete(searchId) && !allowMissing) this.#find(searchId);
      return Promise.resolve({});
    },
    getReport: () => Promise.resolve({ reportJson: this.report }),
    resolvePolicy: () =>
      Promise.reject(new BitwrightError('failed_precondition', 'NOT_SOLVABLE', 'random tries its policies')),
    explainPolicy: () => Promise.reject(new BitwrightError('unsupported', 'PRECISION', 'bismo-edge has no such bits')),
    getCapabilities: () =>
      Promise.resolve(
        toWireAgentCapabilities({
          version: '0.1.0',
          strategies: [HAQ],
          hardware: [],
          hardwareEndpoints: [],
          models: [],
          datasets: [],
          quantizerOutage: undefined,
        }),
      ),
  };

  #find(searchId: string): SearchRecord {
    const record = this.searches.get(searchId);
    if (record !== undefined) return record;
    throw new BitwrightError('not_found', 'SEARCH_UNKNOWN', `there is no search ${searchId}`);
  }

  async *#watch({ searchId, resumeToken }: agentProto.WatchSearchRequest, context: CallLimits) {
    this.#find(searchId);
    this.requests.push(resumeToken);
    context.abortOnTerminate();
    yield toWireHeartbeat(fromResumeToken(resumeToken, 'request.resume_token'));
    for (
      let sequence = fromResumeToken(resumeToken, 'request.resume_token') + 1;
      sequence <= this.total;
      sequence += 1
    ) {
      yield toWireWatchUpdate(progressAt(sequence, this.total));
      if (sequence !== this.breakAfter) continue;
      this.breakAfter = undefined;
      await new Promise(() => {});
    }
  }
}

async function serve(agent: FakeAgent, address = '127.0.0.1:0') {
  const server = createServer();
  server.add(SearchServiceDefinition, agent.handlers);
  server.add(ArtifactServiceDefinition, artifactHandlers(new MemoryArtifactStore()));
  const bound = await server.listen(address);
  onTestFinished(() => server.close(0));
  return { server, address: bound };
}

async function start() {
  const agent = new FakeAgent();
  const { server, address } = await serve(agent);
  const client = connectAgent(address);
  onTestFinished(() => client.close());
  return { agent, server, address, client };
}

async function sequencesOf(updates: AsyncIterable<SearchProgress>): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { sequence } of updates) sequences.push(sequence);
  return sequences;
}

describe('searches', () => {
  it('are created with defaults filled in, and found again', async () => {
    const { client, agent } = await start();
    const created = await client.createSearch(spec, { requestId: 'mine' });
    expect(created).toMatchObject({
      id: 's1',
      requestId: 'mine',
      state: 'pending',
      spec: { ...spec, pin: 'first-last' },
    });
    expect(created).toEqual(agent.searches.get('s1'));
    expect(await client.getSearch('s1')).toEqual(created);
  });

  it('get a request id of their own', async () => {
    const { client } = await start();
    const ids = [(await client.createSearch(spec)).requestId, (await client.createSearch(spec)).requestId];
    expect(new Set(ids).size).toBe(2);
  });

  it('with numbers that fit no message are refused before they are sent', async () => {
    const { client, agent } = await start();
    await expect(client.createSearch({ ...spec, seed: -1 })).rejects.toMatchObject({
      violations: [{ field: 'spec.seed' }],
    });
    expect(agent.searches.size).toBe(0);
  });

  it('are listed in pages, by state', async () => {
    const { client, agent } = await start();
    await client.createSearch(spec);
    const page = await client.listSearches({ state: 'running', pageSize: 500, pageToken: 'here' });
    expect(page.searches.map(({ id }) => id)).toEqual(['s1']);
    expect(page.nextPageToken).toBe('more');
    expect(agent.requests).toEqual([
      { pageSize: 100, pageToken: 'here', state: agentProto.SearchState.SEARCH_STATE_RUNNING },
    ]);
  });

  it('are cancelled and resumed', async () => {
    const { client } = await start();
    await client.createSearch(spec);
    expect((await client.cancelSearch('s1')).state).toBe('cancelled');
    expect((await client.resumeSearch('s1')).state).toBe('pending');
    await expect(client.cancelSearch('other')).rejects.toMatchObject({ kind: 'not_found', reason: 'SEARCH_UNKNOWN' });
  });

  it('give their report, and only one of a schema that is known', async () => {
    const { client, agent } = await start();
    expect((await client.getReport('s1')).searchId).toBe('s1');
    agent.report = JSON.stringify({ schema: 'bitwright.report/9' });
    await expect(client.getReport('s1')).rejects.toMatchObject({ kind: 'unsupported', reason: 'REPORT_SCHEMA' });
  });
});

describe('watching', () => {
  it('gives every update until the search ends; heartbeats are not updates', async () => {
    const { client } = await start();
    await client.createSearch(spec);
    expect(await sequencesOf(client.watchSearch('s1'))).toEqual([1, 2, 3, 4, 5]);
    expect(await sequencesOf(client.watchSearch('s1', { resumeToken: '3' }))).toEqual([4, 5]);
  });

  it('goes on after the last update seen when the agent restarts', async () => {
    const { client, agent, server, address } = await start();
    await client.createSearch(spec);
    agent.breakAfter = 3;
    const sequences: number[] = [];
    for await (const { sequence } of client.watchSearch('s1')) {
      sequences.push(sequence);
      if (sequence === 3 && sequences.length === 3) void server.close(0).then(() => serve(agent, address));
    }
    expect(sequences).toEqual([1, 2, 3, 4, 5]);
    expect(agent.requests).toEqual(['', '3']);
  });

  it("fails with the agent's error when it stays away", async () => {
    const { client, agent, server } = await start();
    await client.createSearch(spec);
    agent.breakAfter = 1;
    const watch = (async () => {
      for await (const _ of client.watchSearch('s1', { patienceMs: 100 })) void server.close(0);
    })();
    await expect(watch).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('ends within a second when the signal fires', async () => {
    const { client, agent } = await start();
    await client.createSearch(spec);
    agent.breakAfter = 1;
    const abort = new AbortController();
    const watch = (async () => {
      for await (const _ of client.watchSearch('s1', { signal: abort.signal })) setTimeout(() => abort.abort(), 20);
    })();
    const startedAt = Date.now();
    await expect(watch).rejects.toMatchObject({ kind: 'cancelled' });
    expect(Date.now() - startedAt).toBeLessThan(1000);
  });

  it('an unknown search fails at once', async () => {
    const { client } = await start();
    await expect(sequencesOf(client.watchSearch('nope'))).rejects.toMatchObject({ kind: 'not_found' });
  });
});

it('uploads and downloads artifacts over the same connection', async () => {
  const { client } = await start();
  const digest = await client.artifacts.put(new Uint8Array([1, 2, 3]));
  expect([...(await client.artifacts.get(digest))]).toEqual([1, 2, 3]);
});

it("hands on the agent's reason where a policy cannot be explained", async () => {
  const { client } = await start();
  const { model, hardware } = completeSearchSpec(spec);
  const asked = client.explainPolicy({ model, hardware: hardware[0] as HardwareTarget, policy: uniformPolicy(28, 8) });
  await expect(asked).rejects.toMatchObject({ kind: 'unsupported', message: 'bismo-edge has no such bits' });
});

it('says what the agent can do', async () => {
  const { client } = await start();
  expect((await client.capabilities()).strategies).toEqual([HAQ]);
});

it('refuses an address that is none', () => {
  expect(() => connectAgent('nowhere')).toThrow(expect.objectContaining({ kind: 'invalid_argument' }) as Error);
});
