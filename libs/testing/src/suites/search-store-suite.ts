import { type BitwrightEvent, MAXIMUM_STORED_EVENTS, type SearchRecord, type SearchStore } from '@bitwright/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEvent, buildSearchRecord, buildSearchSpec, buildTrial } from '../builders.js';

/** Making a database takes seconds of a free processor, and a minute of a busy one. */
const OPENING_TIMEOUT_MS = 180_000;

/** What every search store must do. `open` is called once and closed after the last test; it may hold other searches. */
export function describeSearchStore(name: string, open: () => SearchStore | Promise<SearchStore>): void {
  describe(`${name} as a search store`, () => {
    let store: SearchStore;
    beforeAll(async () => {
      store = await open();
    }, OPENING_TIMEOUT_MS);
    afterAll(() => store.close());
    const given = (): SearchStore => store;

    describe('creating a search', () => describeCreation(given));
    describe('listing searches', () => describeListing(given));
    describe('updating a search', () => describeUpdates(given));
    describe('storing trials', () => describeTrials(given));
    describe('storing what belongs to a search', () => describeBelongings(given));
    describe('deleting a search', () => describeDeletion(given));
    describe('storing events', () => describeEvents(given));
  });
}

function describeCreation(given: () => SearchStore): void {
  it('gives back the record, now and later', async () => {
    const record = buildSearchRecord();
    expect(await given().create(record)).toEqual(record);
    expect(await given().get(record.id)).toEqual(record);
  });

  it('keeps every part of a specification as it was', async () => {
    const options = { text: 'a "b" \\ ü 漢 \u0000', tiny: 1e-17, list: [1, [2, { a: null }]], flag: false, empty: {} };
    const spec = buildSearchSpec({ strategy: { name: 'haq', options }, hardware: [{ name: 'bismo-edge', batch: 16 }] });
    const record = await given().create(buildSearchRecord({ spec }));
    expect((await given().get(record.id)).spec).toEqual(spec);
  });

  it('gives the search of an earlier request with the same request id and specification', async () => {
    const first = await given().create(buildSearchRecord());
    const again = buildSearchRecord({ requestId: first.requestId, createdAt: first.createdAt + 1 });
    expect(await given().create(again)).toEqual(first);
    await expect(given().get(again.id)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('takes specifications as equal whatever the order of their members', async () => {
    const spec = buildSearchSpec({ hardware: [{ name: 'bismo-edge', batch: undefined }] });
    const first = await given().create(buildSearchRecord({ spec }));
    const reversed = Object.fromEntries(Object.entries(buildSearchSpec()).reverse()) as SearchRecord['spec'];
    expect((await given().create(buildSearchRecord({ requestId: first.requestId, spec: reversed }))).id).toBe(first.id);
  });

  it('refuses a request id that was used for another specification', async () => {
    const { requestId } = await given().create(buildSearchRecord());
    const other = buildSearchRecord({ requestId, spec: buildSearchSpec({ seed: 2 }) });
    await expect(given().create(other)).rejects.toMatchObject({ kind: 'already_exists', reason: 'REQUEST_ID_REUSED' });
  });

  it('refuses a search id that is taken', async () => {
    const { id } = await given().create(buildSearchRecord());
    await expect(given().create(buildSearchRecord({ id }))).rejects.toMatchObject({ kind: 'already_exists' });
  });

  it('creates one search when the same request comes many times at once', async () => {
    const { requestId } = buildSearchRecord();
    const created = await Promise.all(
      Array.from({ length: 6 }, () => given().create(buildSearchRecord({ requestId }))),
    );
    expect(new Set(created.map(({ id }) => id)).size).toBe(1);
  });

  it('throws not_found for a search that nobody created', async () => {
    await expect(given().get('nobody')).rejects.toMatchObject({ kind: 'not_found', reason: 'SEARCH_NOT_FOUND' });
  });

  it('gives copies: changing one changes nothing that is stored', async () => {
    const record = await given().create(buildSearchRecord());
    (record.spec.weightBits as number[]).push(99);
    expect((await given().get(record.id)).spec.weightBits).not.toContain(99);
  });
}

/** Later than anything else in the store, so that the newest searches are those of the test. */
let laterMs = Date.UTC(2100, 0, 1);

async function createInOrder(store: SearchStore, count: number, change: Partial<SearchRecord> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    laterMs += 1000;
    ids.push((await store.create(buildSearchRecord({ createdAt: laterMs, ...change }))).id);
  }
  return ids;
}

function describeListing(given: () => SearchStore): void {
  it('gives the newest first', async () => {
    const ids = await createInOrder(given(), 3);
    const { searches } = await given().list({}, 3);
    expect(searches.map(({ id }) => id)).toEqual(ids.reverse());
  });

  it('goes through all of them page by page, each once, though some are as old as others', async () => {
    const ids = await createInOrder(given(), 5, { createdAt: laterMs + 10_000, state: 'failed' });
    laterMs += 10_000;
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await given().list({ state: 'failed' }, 2, token);
      seen.push(...page.searches.map(({ id }) => id));
      token = page.nextPageToken;
    } while (token !== undefined);
    expect(seen.slice(0, 5)).toEqual(ids.reverse());
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('goes on where a page ended when searches are created meanwhile', async () => {
    const ids = await createInOrder(given(), 4);
    const first = await given().list({}, 2);
    await createInOrder(given(), 2);
    const second = await given().list({}, 2, first.nextPageToken);
    expect([...first.searches, ...second.searches].map(({ id }) => id)).toEqual(ids.reverse());
  });

  it('gives only searches in the state that was asked for', async () => {
    const [cancelled] = await createInOrder(given(), 1, { state: 'cancelled' });
    await createInOrder(given(), 1);
    const { searches } = await given().list({ state: 'cancelled' }, 10);
    expect(searches.map(({ id }) => id)).toContain(cancelled);
    expect(new Set(searches.map(({ state }) => state))).toEqual(new Set(['cancelled']));
  });

  it('gives no token with the last page', async () => {
    await createInOrder(given(), 1, { state: 'completed' });
    const { searches, nextPageToken } = await given().list({ state: 'completed' }, 1000);
    expect(searches.length).toBeGreaterThan(0);
    expect(nextPageToken).toBeUndefined();
  });

  it.each(['x', 'WzFd', ''])('refuses %j, which is no page token', async (token) => {
    await expect(given().list({}, 2, token)).rejects.toMatchObject({ kind: 'invalid_argument', reason: 'PAGE_TOKEN' });
  });

  it.each([0, 1001, 1.5])('refuses a page size of %d', async (size) => {
    await expect(given().list({}, size)).rejects.toMatchObject({ kind: 'invalid_argument', reason: 'PAGE_SIZE' });
  });
}

function describeUpdates(given: () => SearchStore): void {
  it('changes what is given and leaves the rest', async () => {
    const record = await given().create(buildSearchRecord());
    const updatedAt = record.updatedAt + 5;
    const updated = await given().update(record.id, { state: 'running', updatedAt });
    expect(updated).toEqual({ ...record, state: 'running', updatedAt });
    expect(await given().get(record.id)).toEqual(updated);
  });

  it('stores a failure, keeps it when it is not spoken of, and takes it away when it is given as none', async () => {
    const { id } = await given().create(buildSearchRecord());
    const failure = { kind: 'unavailable', reason: 'WORKER_DIED', message: 'a worker died\u0000' };
    await given().update(id, { state: 'failed', failure });
    expect((await given().update(id, { phase: 'searching' })).failure).toEqual(failure);
    expect((await given().update(id, { state: 'running', failure: undefined })).failure).toBeUndefined();
  });

  it('throws not_found for a search that nobody created', async () => {
    await expect(given().update('nobody', { state: 'running' })).rejects.toMatchObject({ kind: 'not_found' });
  });
}

function describeTrials(given: () => SearchStore): void {
  it('gives back trials as they were', async () => {
    const { id } = await given().create(buildSearchRecord());
    const float = { origin: 'float', policyHash: 'float', policy: undefined };
    const targets = [
      { hardware: 'bismo-edge', latencyMs: 1.25, energyMj: undefined },
      { hardware: 'bismo-cloud', latencyMs: undefined, energyMj: 2 },
    ];
    const failed = { accuracy: undefined, calibratedLoss: undefined, feasible: false };
    const finetuned = {
      checkpointDigest: 'c'.repeat(64),
      validationAccuracy: 0.9,
      validationCalibratedLoss: 0.1 + 0.2,
    };
    const unpriced = { latencyMs: undefined, energyMj: undefined, sizeBytes: 1, bops: 1, effectiveBits: 32 };
    const trials = [
      buildTrial(id, 0, { ...float, role: 'baseline', cost: unpriced }),
      buildTrial(id, 1),
      buildTrial(id, 2, { ...failed, error: 'the worker died "twice"' }),
      buildTrial(id, 3, { role: 'finalist', split: 'test', ...finetuned }),
      buildTrial(id, 4, { cost: { ...buildTrial(id, 4).cost, targets } }),
    ];
    await given().addTrials(id, trials, undefined);
    expect(await given().trials(id)).toEqual(trials);
  });

  it('gives them in order of their index, from where it was asked', async () => {
    const { id } = await given().create(buildSearchRecord());
    for (const index of [2, 0, 11, 1]) await given().addTrials(id, [buildTrial(id, index)], undefined);
    expect((await given().trials(id)).map(({ index }) => index)).toEqual([0, 1, 2, 11]);
    expect((await given().trials(id, 2)).map(({ index }) => index)).toEqual([2, 11]);
  });

  it('leaves a trial as it is when its index comes again', async () => {
    const { id } = await given().create(buildSearchRecord());
    await given().addTrials(id, [buildTrial(id, 0, { accuracy: 0.5 })], undefined);
    await given().addTrials(id, [buildTrial(id, 0, { accuracy: 0.9 }), buildTrial(id, 1)], undefined);
    expect((await given().trials(id)).map(({ accuracy }) => accuracy)).toEqual([0.5, 0.1 + 0.2]);
  });

  it('keeps trials of different searches apart', async () => {
    const one = await given().create(buildSearchRecord());
    const other = await given().create(buildSearchRecord());
    await given().addTrials(one.id, [buildTrial(one.id, 0)], undefined);
    expect(await given().trials(other.id)).toEqual([]);
  });

  it('replaces the snapshot when one comes with the trials, and keeps it when none does', async () => {
    const { id } = await given().create(buildSearchRecord());
    expect(await given().snapshot(id)).toBeUndefined();
    await given().addTrials(id, [buildTrial(id, 0)], Uint8Array.of(1));
    await given().addTrials(id, [buildTrial(id, 1)], Uint8Array.of(0, 255, 128));
    await given().addTrials(id, [buildTrial(id, 2)], undefined);
    expect(await given().snapshot(id)).toEqual(Uint8Array.of(0, 255, 128));
  });

  it('stores nothing of a call that it refuses', async () => {
    const { id } = await given().create(buildSearchRecord());
    const stray = buildTrial('another-search', 1);
    const refused = given().addTrials(id, [buildTrial(id, 0), stray], Uint8Array.of(1));
    await expect(refused).rejects.toMatchObject({ kind: 'invalid_argument' });
    expect(await given().trials(id)).toEqual([]);
    expect(await given().snapshot(id)).toBeUndefined();
  });

  it('takes trials of several searches at once', async () => {
    const records = await Promise.all(Array.from({ length: 4 }, () => given().create(buildSearchRecord())));
    const indices = Array.from({ length: 5 }, (_, index) => index);
    await Promise.all(
      records.flatMap(({ id }) =>
        indices.map((index) => given().addTrials(id, [buildTrial(id, index)], Uint8Array.of(index))),
      ),
    );
    for (const { id } of records) expect((await given().trials(id)).map(({ index }) => index)).toEqual(indices);
  });

  it('throws not_found for a search that nobody created', async () => {
    const refused = given().addTrials('nobody', [buildTrial('nobody', 0)], undefined);
    await expect(refused).rejects.toMatchObject({ kind: 'not_found' });
  });
}

function describeBelongings(given: () => SearchStore): void {
  it('keeps snapshots of megabytes', async () => {
    const { id } = await given().create(buildSearchRecord());
    const snapshot = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) % 251);
    await given().addTrials(id, [], snapshot);
    const kept = await given().snapshot(id);
    expect(kept !== undefined && Buffer.compare(kept, snapshot)).toBe(0);
  });

  it('keeps the last report, word for word', async () => {
    const { id } = await given().create(buildSearchRecord());
    expect(await given().report(id)).toBeUndefined();
    await given().saveReport(id, '{}');
    await given().saveReport(id, '{ "schema":  "x" }');
    expect(await given().report(id)).toBe('{ "schema":  "x" }');
  });

  it('keeps the last basis, word for word, and none of a search that nobody created', async () => {
    const { id } = await given().create(buildSearchRecord());
    expect(await given().basis(id)).toBeUndefined();
    await given().saveBasis(id, '{}');
    await given().saveBasis(id, '{ "layers":  [1e-300] }');
    expect(await given().basis(id)).toBe('{ "layers":  [1e-300] }');
    await expect(given().saveBasis('nobody', '{}')).rejects.toMatchObject({ kind: 'not_found' });
    expect(await given().basis('nobody')).toBeUndefined();
  });

  it('keeps what is measured line by line, in order, until there is a basis', async () => {
    const { id } = await given().create(buildSearchRecord());
    expect(await given().measured(id)).toEqual({ lines: [], seconds: 0 });
    await given().addMeasured(id, { lines: ['weights/0/2 1e-300 NaN', 'b "x"'], seconds: 1.5 });
    await given().addMeasured(id, { lines: ['a'], seconds: 2.25 });
    expect(await given().measured(id)).toEqual({ lines: ['weights/0/2 1e-300 NaN', 'b "x"', 'a'], seconds: 2.25 });
    await given().addMeasured(id, { lines: [], seconds: 0 });
    expect(await given().measured(id)).toMatchObject({ lines: { length: 3 }, seconds: 0 });
    await given().saveBasis(id, '{}');
    expect(await given().measured(id)).toEqual({ lines: [], seconds: 0 });
    await expect(given().addMeasured('nobody', { lines: [], seconds: 1 })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('keeps no report of a search that nobody created', async () => {
    await expect(given().saveReport('nobody', '{}')).rejects.toMatchObject({ kind: 'not_found' });
    expect(await given().report('nobody')).toBeUndefined();
  });
}

let digests = 0;

/** A digest that no other test has. */
function newDigest(): string {
  digests += 1;
  return digests.toString(16).padStart(64, 'd');
}

const modelOf = (digest: string) => buildSearchSpec({ model: { kind: 'artifact', digest } });

function describeDeletion(given: () => SearchStore): void {
  it('leaves nothing of it, and others as they are', async () => {
    const [one, other] = [await given().create(buildSearchRecord()), await given().create(buildSearchRecord())];
    for (const { id } of [one, other]) {
      await given().addTrials(id, [buildTrial(id, 0)], Uint8Array.of(1));
      await given().saveBasis(id, '{}');
      await given().addMeasured(id, { lines: ['a'], seconds: 1 });
      await given().saveReport(id, '{}');
    }
    await given().delete(one.id);
    await expect(given().get(one.id)).rejects.toMatchObject({ kind: 'not_found' });
    const { id } = one;
    const left = [given().trials(id), given().snapshot(id), given().basis(id), given().report(id)];
    expect(await Promise.all(left)).toEqual([[], undefined, undefined, undefined]);
    expect(await given().measured(id)).toEqual({ lines: [], seconds: 0 });
    expect(await given().findByRequest(one)).toBeUndefined();
    expect(await given().get(other.id)).toEqual(other);
    expect(await given().trials(other.id)).toHaveLength(1);
    expect(await given().report(other.id)).toBe('{}');
  });

  it('leaves alone what is not there', async () => {
    expect(await given().delete('nobody', [buildEvent({ subject: 'nobody' })])).toEqual([]);
    expect(await eventsOf(given(), 'nobody')).toEqual([]);
  });

  it('takes the request id back: the same request makes another search', async () => {
    const { id, requestId } = await given().create(buildSearchRecord());
    await given().delete(id);
    const again = buildSearchRecord({ requestId });
    expect(await given().create(again)).toEqual(again);
  });

  it('knows the artifacts of searches: models, checkpoints, and what a report names', async () => {
    const [model, checkpoint, exported] = [newDigest(), newDigest(), newDigest()];
    const { id } = await given().create(buildSearchRecord({ spec: modelOf(model) }));
    await given().addTrials(id, [buildTrial(id, 0, { checkpointDigest: checkpoint })], undefined);
    await given().saveReport(id, JSON.stringify({ exported: { onnxDigest: exported } }));
    const before = await given().artifacts();
    expect([...before.digests]).toEqual(expect.arrayContaining([model, checkpoint, exported]));
    expect([...(await given().delete(id))].sort()).toEqual([model, checkpoint, exported].sort());
    const after = await given().artifacts();
    expect([model, checkpoint, exported].filter((digest) => after.digests.has(digest))).toEqual([]);
    expect(after.storeId).toBe(before.storeId);
  });

  it('gives only digests that no other search refers to', async () => {
    const [shared, own] = [newDigest(), newDigest()];
    const { id } = await given().create(buildSearchRecord({ spec: modelOf(shared) }));
    await given().addTrials(id, [buildTrial(id, 0, { checkpointDigest: own })], undefined);
    const other = await given().create(buildSearchRecord({ spec: modelOf(shared) }));
    expect(await given().delete(id)).toEqual([own]);
    expect(await given().delete(other.id)).toEqual([shared]);
  });
}

async function eventsOf(store: SearchStore, subject: string): Promise<readonly BitwrightEvent[]> {
  const waiting = await store.unsentEvents(MAXIMUM_STORED_EVENTS);
  return waiting.filter((event) => event.subject === subject);
}

function describeEvents(given: () => SearchStore): void {
  it('keeps those that come with a change, in order and as they were, until they are removed', async () => {
    const record = buildSearchRecord();
    const { id: subject } = record;
    const text = 'a "b" ü \u0000';
    const events = [
      buildEvent({ subject, kind: 'search.created', attributes: {} }),
      buildEvent({ subject, kind: 'search.started', attributes: { text, tiny: 1e-17, yes: true } }),
      buildEvent({ subject }),
      buildEvent({ subject, kind: 'search.deleted' }),
    ];
    const [created, started, evaluated, deleted] = events.map((event) => [event]);
    await given().create(record, created);
    await given().update(subject, { state: 'running' }, started);
    await given().addTrials(subject, [buildTrial(subject, 0)], undefined, evaluated);
    await given().delete(subject, deleted);
    expect(await eventsOf(given(), subject)).toEqual(events);
    await given().removeEvents([...events.slice(0, 2).map(({ id }) => id), 'unknown']);
    expect(await eventsOf(given(), subject)).toEqual(events.slice(2));
    await given().removeEvents(events.map(({ id }) => id));
    expect(await eventsOf(given(), subject)).toEqual([]);
  });

  it('gives the oldest, as many as were asked for', async () => {
    const { id: subject } = await given().create(buildSearchRecord());
    const before = await given().unsentEvents(1000);
    await given().update(subject, {}, [buildEvent({ subject }), buildEvent({ subject })]);
    expect(await given().unsentEvents(before.length + 1)).toHaveLength(before.length + 1);
    await given().removeEvents((await eventsOf(given(), subject)).map(({ id }) => id));
  });

  it('keeps none of what changed nothing, and the same one once', async () => {
    const record = buildSearchRecord();
    const { id: subject } = record;
    const event = buildEvent({ subject });
    await given().create(record, [event]);
    await given().create(record, [buildEvent({ subject })]);
    await given().addTrials(subject, [buildTrial(subject, 0)], undefined, [event]);
    await given().addTrials(subject, [buildTrial(subject, 0)], undefined, [buildEvent({ subject })]);
    await expect(given().update('nobody', {}, [buildEvent({ subject })])).rejects.toMatchObject({ kind: 'not_found' });
    expect(await eventsOf(given(), subject)).toEqual([event]);
    await given().removeEvents([event.id]);
  });
}
