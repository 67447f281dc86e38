import { type Flag, type FlagValues, readFlagValues } from './flag.js';
import { SEARCH_FLAGS, type SearchFlags } from './search-flags.js';

/** The network of the demonstration; another one has a width of its own, an ONNX file also its own size and classes. */
const NETWORK = { network: 'mobilenet-v1', width: '0.25', 'image-size': '32', classes: '10' };

/** Chosen so that it takes under three minutes on two cores. */
const TASK = { dataset: 'fashion-mnist', hardware: 'bismo-edge', budget: 'latency<=0.6x' };

/** What the demonstration searches where its flags say nothing. */
export function withDemoDefaults(flags: SearchFlags): SearchFlags {
  const { width: _width, ...shape } = NETWORK;
  const network = flags.model !== undefined ? {} : flags.network !== undefined ? shape : NETWORK;
  return { ...read({ ...TASK, ...network }), ...flags };
}

const read = (texts: Readonly<Record<string, string>>): FlagValues<typeof SEARCH_FLAGS> =>
  readFlagValues(SEARCH_FLAGS, Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, [text]])));

/** The flags of `search`, with the demonstration's own defaults in their help. */
export const DEMO_FLAGS = {
  ...SEARCH_FLAGS,
  network: withDefault(SEARCH_FLAGS.network, NETWORK.network),
  width: withDefault(SEARCH_FLAGS.width, `${NETWORK.width}, of another network 1`),
  'image-size': withDefault(SEARCH_FLAGS['image-size'], NETWORK['image-size']),
  classes: withDefault(SEARCH_FLAGS.classes, NETWORK.classes),
  dataset: withDefault(SEARCH_FLAGS.dataset, TASK.dataset),
  hardware: withDefault(SEARCH_FLAGS.hardware, TASK.hardware),
  budget: withDefault(SEARCH_FLAGS.budget, TASK.budget),
};

function withDefault<T>(flag: Flag<T>, text: string): Flag<T> {
  return { ...flag, description: `${flag.description.replace(/ \(default .*?\)/, '')} (default ${text})` };
}
