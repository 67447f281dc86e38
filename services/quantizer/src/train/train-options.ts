import { parseArgs } from 'node:util';
import { invalidField } from '@bitwright/core';

/** What `npm run train` was asked for. */
export type TrainOptions = {
  readonly network: string;
  readonly width: number;
  readonly dataset: string;
  readonly imageSize: number;
  readonly outputStride: number | undefined;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly seed: number;
  readonly threads: number;
  /** Folder for the checkpoint; undefined means the zoo's own. */
  readonly out: string | undefined;
  /** Folder of the data sets; undefined means the shared cache. */
  readonly data: string | undefined;
};

const FLAGS = {
  network: { type: 'string', default: 'mobilenet-v1' },
  width: { type: 'string', default: '1' },
  dataset: { type: 'string', default: 'fashion-mnist' },
  'image-size': { type: 'string', default: '32' },
  'output-stride': { type: 'string' },
  epochs: { type: 'string', default: '20' },
  'batch-size': { type: 'string', default: '128' },
  'learning-rate': { type: 'string', default: '0.1' },
  'weight-decay': { type: 'string', default: '2e-4' },
  'label-smoothing': { type: 'string', default: '0.1' },
  seed: { type: 'string', default: '1' },
  threads: { type: 'string', default: '1' },
  out: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Printed for `--help`. */
export const TRAIN_HELP = `Trains a network of the zoo and writes its checkpoint: an ONNX file and a recipe.

  npm run train -- --network mobilenet-v1 --width 0.25 --dataset fashion-mnist

  --network mobilenet-v1|mobilenet-v2|resnet-20   --width 0.25   --image-size 32   --output-stride 32|16|8
  --dataset NAME|FOLDER   --data FOLDER (of data sets by name)   --out FOLDER (of checkpoints)
  --epochs 20   --batch-size 128   --learning-rate 0.1   --weight-decay 2e-4   --label-smoothing 0.1
  --seed 1   --threads 1`;

/** Reads the command line; `'help'` when it was asked for. Throws `invalid_argument` naming the flag. */
export function parseTrainOptions(args: readonly string[]): TrainOptions | 'help' {
  const flags = readFlags(args);
  if (flags.help) return 'help';
  const stride = flags['output-stride'];
  return {
    network: flags.network,
    width: parseNumber('width', flags.width, 'positive'),
    dataset: flags.dataset,
    imageSize: parseNumber('image-size', flags['image-size'], 'whole'),
    outputStride: stride === undefined ? undefined : parseNumber('output-stride', stride, 'whole'),
    epochs: parseNumber('epochs', flags.epochs, 'whole'),
    batchSize: parseNumber('batch-size', flags['batch-size'], 'whole'),
    learningRate: parseNumber('learning-rate', flags['learning-rate'], 'positive'),
    weightDecay: parseNumber('weight-decay', flags['weight-decay'], 'not negative'),
    labelSmoothing: parseNumber('label-smoothing', flags['label-smoothing'], 'not negative'),
    seed: parseNumber('seed', flags.seed, 'not negative'),
    threads: parseNumber('threads', flags.threads, 'whole'),
    out: flags.out,
    data: flags.data,
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values;
  } catch (cause) {
    throw invalidField('command line', (cause as Error).message);
  }
}

type Demand = 'positive' | 'whole' | 'not negative';

function parseNumber(flag: string, text: string, demand: Demand): number {
  const value = Number(text);
  const isFine = { positive: value > 0, whole: Number.isInteger(value) && value > 0, 'not negative': value >= 0 }[
    demand
  ];
  if (text.trim() !== '' && Number.isFinite(value) && isFine) return value;
  const expected = { positive: 'a number above 0', whole: 'a whole number above 0', 'not negative': 'a number from 0' }[
    demand
  ];
  throw invalidField(`--${flag}`, `"${text}" is not ${expected}`);
}
