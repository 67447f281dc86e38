import type { Hardware, HardwareCatalog, HardwareFeedback } from '../ports/hardware.js';
import type { Patience } from './patience.js';
import { createPolicyReplay } from './policy-replay.js';

/**
 * The same targets for use inside a running search: every call waits for a service that is away, and asks the catalog
 * again each time, because a service may come back at another address.
 */
export function createPatientCatalog(catalog: HardwareCatalog, patience: Patience): HardwareCatalog {
  return {
    list: (signal) => catalog.list(signal),
    open: async (name) => {
      await patience.wait(peerOf(name), () => catalog.open(name));
      return createPatientHardware(catalog, name, patience);
    },
  };
}

const peerOf = (name: string) => `hardware ${name}`;

function createPatientHardware(catalog: HardwareCatalog, name: string, patience: Patience): Hardware {
  const wait = <T>(work: (hardware: Hardware) => Promise<T>) =>
    patience.wait(peerOf(name), async () => work(await catalog.open(name)));
  return {
    describe: (signal) => wait((hardware) => hardware.describe(signal)),
    tabulate: (layers, options) => wait((hardware) => hardware.tabulate(layers, options)),
    evaluate: (layers, policies, options) => {
      const replay = createPolicyReplay(policies);
      const start = async () => {
        const hardware = await catalog.open(name);
        return hardware.evaluate(layers, replay.unanswered(), options)[Symbol.asyncIterator]();
      };
      return followStreams(start, replay.answered, (work) => patience.wait(peerOf(name), work));
    },
  };
}

/** The answers of one stream after another: where one breaks, the next goes on with the first policy without an answer. */
async function* followStreams(
  start: () => Promise<AsyncIterator<HardwareFeedback>>,
  answered: () => void,
  wait: <T>(work: () => Promise<T>) => Promise<T>,
): AsyncGenerator<HardwareFeedback> {
  let stream: AsyncIterator<HardwareFeedback> | undefined;
  const next = async () => {
    stream ??= await start();
    try {
      return await stream.next();
    } catch (error) {
      stream = undefined;
      throw error;
    }
  };
  try {
    for (let step = await wait(next); step.done !== true; step = await wait(next)) {
      answered();
      yield step.value;
    }
  } finally {
    await stream?.return?.();
  }
}
