import type { Quantizer } from '../ports/quantizer.js';
import type { Patience } from './patience.js';

/** The same quantizer for use inside a running search: every call waits for a service that is away. */
export function createPatientQuantizer(quantizer: Quantizer, patience: Patience): Quantizer {
  const wait = <T>(work: () => Promise<T>) => patience.wait('quantizer', work);
  return {
    parallelism: (signal) => wait(() => quantizer.parallelism(signal)),
    listModels: (signal) => wait(() => quantizer.listModels(signal)),
    listDatasets: (signal) => wait(() => quantizer.listDatasets(signal)),
    describeModel: (model, signal) => wait(() => quantizer.describeModel(model, signal)),
    describeDataset: (dataset, signal) => wait(() => quantizer.describeDataset(dataset, signal)),
    evaluatePolicy: (request, options) => wait(() => quantizer.evaluatePolicy(request, options)),
    measureSensitivity: (request, options) => wait(() => quantizer.measureSensitivity(request, options)),
    finetunePolicy: (request, options) => wait(() => quantizer.finetunePolicy(request, options)),
    exportModel: (request, options) => wait(() => quantizer.exportModel(request, options)),
    learnPrecision: (request, options) => wait(() => quantizer.learnPrecision(request, options)),
    realizeIntegers: (request, options) => wait(() => quantizer.realizeIntegers(request, options)),
  };
}
