import { BitwrightError, isWorkerDeath, type Quantizer } from '@bitwright/core';

type Member = {
  readonly quantizer: Quantizer;
  /** Work that it has now, and how much it takes at once as far as is known. */
  running: number;
  capacity: number;
};

/**
 * Several quantizers as one: each piece of work goes to the one that has the least to do for its workers, and to the next
 * where one is away, busy or lost its worker over it. They must find the same models, data sets and artifacts; then any
 * of them gives the same result. Throws what the last one threw when none can; the death of a worker goes before.
 */
export function createQuantizerPool(quantizers: readonly [Quantizer, ...Quantizer[]]): Quantizer {
  const [only, ...more] = quantizers;
  if (more.length === 0) return only;
  const members = quantizers.map((quantizer): Member => ({ quantizer, running: 0, capacity: 1 }));
  const ask = <T>(question: (quantizer: Quantizer) => Promise<T>) => tryEach(members, question);
  const work = <T>(job: (quantizer: Quantizer) => Promise<T>) => tryEach(byLoad(members), job);
  return {
    parallelism: (signal) => totalCapacity(members, signal),
    listModels: (signal) => ask((quantizer) => quantizer.listModels(signal)),
    listDatasets: (signal) => ask((quantizer) => quantizer.listDatasets(signal)),
    describeModel: (model, signal) => ask((quantizer) => quantizer.describeModel(model, signal)),
    describeDataset: (dataset, signal) => ask((quantizer) => quantizer.describeDataset(dataset, signal)),
    evaluatePolicy: (request, options) => work((quantizer) => quantizer.evaluatePolicy(request, options)),
    measureSensitivity: (request, options) => work((quantizer) => quantizer.measureSensitivity(request, options)),
    finetunePolicy: (request, options) => work((quantizer) => quantizer.finetunePolicy(request, options)),
    exportModel: (request, options) => work((quantizer) => quantizer.exportModel(request, options)),
    learnPrecision: (request, options) => work((quantizer) => quantizer.learnPrecision(request, options)),
    realizeIntegers: (request, options) => work((quantizer) => quantizer.realizeIntegers(request, options)),
  };
}

/** Of those that answer; throws what the last one threw when none does. */
async function totalCapacity(members: readonly Member[], signal: AbortSignal | undefined): Promise<number> {
  const answers = await Promise.allSettled(members.map(({ quantizer }) => quantizer.parallelism(signal)));
  let total = 0;
  answers.forEach((answer, index) => {
    const member = members[index] as Member;
    member.capacity = answer.status === 'fulfilled' ? answer.value : 1;
    total += answer.status === 'fulfilled' ? answer.value : 0;
  });
  const refused = answers.findLast((answer) => answer.status === 'rejected');
  if (total === 0 && refused !== undefined) throw refused.reason;
  return total;
}

/** The one with the least work for its workers first; of equals in their order. */
function byLoad(members: readonly Member[]): readonly Member[] {
  return members.toSorted((a, b) => a.running / a.capacity - b.running / b.capacity);
}

async function tryEach<T>(members: readonly Member[], job: (quantizer: Quantizer) => Promise<T>): Promise<T> {
  let refusal: unknown;
  for (const member of members) {
    member.running += 1;
    try {
      return await job(member.quantizer);
    } catch (error) {
      if (!isElsewhere(error)) throw error;
      // Who waits for one that is away would have the others lose their workers again and again.
      if (!isWorkerDeath(refusal)) refusal = error;
    } finally {
      member.running -= 1;
    }
  }
  throw refusal;
}

/** Whether another one may do what this one could not. */
function isElsewhere(error: unknown): boolean {
  return error instanceof BitwrightError && (error.kind === 'unavailable' || error.kind === 'resource_exhausted');
}
