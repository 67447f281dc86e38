import { type AgentClient, connectAgent } from '@bitwright/client';
import { type LaunchedService, launchNatsServer, makeTemporaryFolder, type NatsServer } from '@bitwright/testing';
import { launch, type Settings } from './services.js';

/** Everything that a search needs, each a process of its own, and a client of the agent. */
export type Stack = {
  readonly nats: NatsServer;
  readonly quantizer: LaunchedService;
  readonly hardware: LaunchedService;
  readonly agent: LaunchedService;
  readonly client: AgentClient;
  /** Holds `database` and `artifacts`; a test may put its own files there. */
  readonly folder: string;
  stop(): Promise<void>;
};

export type StackSettings = {
  readonly agent?: Settings;
  readonly quantizer?: Settings;
  /** Addresses of hardware services beside our own, which come first. */
  readonly hardware?: readonly string[];
};

/** Starts a NATS server and the three services on loopback, with data in a new folder. */
export async function startStack(settings: StackSettings = {}): Promise<Stack> {
  const temporary = await makeTemporaryFolder('bitwright-e2e-');
  const folder = temporary.path;
  const artifacts = `${folder}/artifacts`;
  const nats = await launchNatsServer();
  const [quantizer, hardware] = await Promise.all([
    launch('quantizer', { artifacts, 'dataset-roots': folder, workers: 2, ...settings.quantizer }),
    launch('hardware', { nats: nats.url }),
  ]);
  const targets = [...(settings.hardware ?? []), hardware.address].join(',');
  const peers = { quantizer: quantizer.address, hardware: targets, nats: nats.url };
  const agent = await launch('agent', { database: `${folder}/database`, artifacts, ...peers, ...settings.agent });
  const client = connectAgent(agent.address);
  const stop = async () => {
    client.close();
    await Promise.all([agent.stop(), quantizer.stop(), hardware.stop(), nats.stop()]);
    await temporary.remove();
  };
  return { nats, quantizer, hardware, agent, client, folder, stop };
}
