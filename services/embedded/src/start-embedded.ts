import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ConfigFields,
  type ConfigOf,
  createLifecycle,
  type Lifecycle,
  readConfig,
  SERVICE_FIELDS,
  type ServiceDefinition,
} from '@bitwright/service-kit';
import { publishAddress } from './address-file.js';
import { explainLockedFolder } from './locked-folder.js';
import { type LogFile, openLogFile } from './log-file.js';
import { SERVICES } from './services.js';

export type EmbeddedOptions = {
  /** Database, artifacts and log; made when missing. */
  readonly folder: string;
  /** Settings of the services that have no place in the folder: `BITWRIGHT_WORKERS`, `BITWRIGHT_NATS`, … */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Hardware and quantizer alone: enough to ask what there is and what layers cost. */
export type Evaluators = {
  /** `host:port` of each. */
  readonly hardware: string;
  readonly quantizer: string;
  /** Ends everything; searches that are running go on at the next start. */
  close(): Promise<void>;
};

export type Embedded = Evaluators & { readonly agent: string };

/**
 * Starts hardware, quantizer and agent in this process, each serving gRPC on a free port of the loopback interface;
 * TensorFlow's training runs in child processes of the quantizer. Log lines go to `bitwright.log` in the folder. Throws
 * `failed_precondition` `FOLDER_IN_USE` when another process has the folder open.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  return inComposition(options, async (composition) => {
    const evaluators = await composeEvaluators(composition);
    const agent = await composeAgent(composition, evaluators);
    composition.parts.onClose('address', await publishAddress(options.folder, agent));
    return { ...evaluators, agent };
  });
}

/** Starts hardware and quantizer only: without a database, so that it works beside a running search. */
export function startEvaluators(options: EmbeddedOptions): Promise<Evaluators> {
  return inComposition(options, composeEvaluators);
}

type Composition = EmbeddedOptions & { readonly parts: Lifecycle; readonly log: LogFile };

/** Closes again what was opened when a later part does not start. */
async function inComposition<Addresses extends object>(
  options: EmbeddedOptions,
  compose: (composition: Composition) => Promise<Addresses>,
): Promise<Addresses & { close(): Promise<void> }> {
  await mkdir(options.folder, { recursive: true });
  const log = await openLogFile(options.folder);
  const parts = createLifecycle(log.logger('embedded'));
  parts.onClose('log', () => log.close());
  try {
    const addresses = await compose({ ...options, parts, log });
    return { ...addresses, close: async () => void (await parts.close()) };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function composeEvaluators(composition: Composition): Promise<{ hardware: string; quantizer: string }> {
  const artifacts = join(composition.folder, 'artifacts');
  // Lives as long as the command and listens on loopback: no other agent is to count on it.
  const hardware = await start(composition, SERVICES.hardware, ['--announce-seconds', '0']);
  // Whoever runs the command names folders of their own.
  const quantizer = await start(composition, SERVICES.quantizer, ['--artifacts', artifacts, '--dataset-roots', '/']);
  return { hardware, quantizer };
}

async function composeAgent(composition: Composition, peers: { hardware: string; quantizer: string }): Promise<string> {
  const { folder, environment } = composition;
  const database = environment['BITWRIGHT_DATABASE'] ?? join(folder, 'database');
  const storage = ['--database', database, '--artifacts', join(folder, 'artifacts')];
  try {
    return await start(composition, SERVICES.agent, [
      ...storage,
      '--quantizer',
      peers.quantizer,
      '--hardware',
      peers.hardware,
    ]);
  } catch (error) {
    throw await explainLockedFolder(error, folder);
  }
}

/** Flags win over the environment: what the composition decides cannot be changed from outside. */
async function start<Fields extends ConfigFields>(
  { environment, parts, log }: Composition,
  definition: ServiceDefinition<Fields>,
  flags: readonly string[],
): Promise<string> {
  const fields = { ...definition.fields, ...SERVICE_FIELDS };
  const own = ['--listen', '127.0.0.1:0', '--drain-seconds', '1'];
  const sources = { flags: [...own, ...flags], environment: { ...environment, BITWRIGHT_CONFIG: undefined } };
  const config = readConfig(fields, sources) as ConfigOf<Fields & typeof SERVICE_FIELDS>;
  const running = await definition.compose(config, log.logger(definition.name), environment);
  parts.onClose(definition.name, () => running.close());
  return running.address;
}
