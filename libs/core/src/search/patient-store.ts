import type { SearchStore } from '../ports/search-store.js';
import type { Patience } from './patience.js';

/** The same store for use inside a running search: every call waits for a database that is away. */
export function createPatientStore(store: SearchStore, patience: Patience): SearchStore {
  const wait = <T>(work: () => Promise<T>) => patience.wait('database', work);
  return {
    create: (record, events) => wait(() => store.create(record, events)),
    findByRequest: (request) => wait(() => store.findByRequest(request)),
    get: (searchId) => wait(() => store.get(searchId)),
    list: (filter, pageSize, pageToken) => wait(() => store.list(filter, pageSize, pageToken)),
    update: (searchId, change, events) => wait(() => store.update(searchId, change, events)),
    delete: (searchId, events) => wait(() => store.delete(searchId, events)),
    artifacts: () => wait(() => store.artifacts()),
    addTrials: (searchId, trials, snapshot, events) => wait(() => store.addTrials(searchId, trials, snapshot, events)),
    trials: (searchId, fromIndex, count) => wait(() => store.trials(searchId, fromIndex, count)),
    snapshot: (searchId) => wait(() => store.snapshot(searchId)),
    addMeasured: (searchId, measurement) => wait(() => store.addMeasured(searchId, measurement)),
    measured: (searchId) => wait(() => store.measured(searchId)),
    saveBasis: (searchId, basis) => wait(() => store.saveBasis(searchId, basis)),
    basis: (searchId) => wait(() => store.basis(searchId)),
    saveReport: (searchId, report) => wait(() => store.saveReport(searchId, report)),
    report: (searchId) => wait(() => store.report(searchId)),
    unsentEvents: (count) => wait(() => store.unsentEvents(count)),
    removeEvents: (ids) => wait(() => store.removeEvents(ids)),
    close: () => store.close(),
  };
}
