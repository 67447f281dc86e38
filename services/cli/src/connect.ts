import { resolve } from 'node:path';
import {
  type AgentCapabilities,
  type AgentClient,
  connectAgent,
  connectHardware,
  connectQuantizer,
  findHardware,
} from '@bitwright/client';
import { type ArtifactStore, BitwrightError, type HardwareNetwork, type Quantizer } from '@bitwright/core';
import type { Surroundings } from './surroundings.js';

/** Database, artifacts and log of the services inside the command. */
export function homeFolder({ environment, folder }: Surroundings): string {
  const home = environment['BITWRIGHT_HOME'] ?? '';
  return resolve(folder, home === '' ? '.bitwright' : home);
}

/** Lets `work` talk to the agent at `address`; without one, to an agent that lives as long as the work. */
export async function withAgent<T>(
  address: string | undefined,
  surroundings: Surroundings,
  work: (agent: AgentClient) => Promise<T>,
): Promise<T> {
  if (address !== undefined) return talkTo(connectAgent(address), work);
  const { startEmbedded } = await import('@bitwright/embedded');
  const services = await startEmbedded({ folder: homeFolder(surroundings), environment: surroundings.environment });
  try {
    return await talkTo(connectAgent(services.agent), work);
  } finally {
    await services.close();
  }
}

/** The same, if the agent's quantizer answers; throws `unavailable` where models and data sets are not known. */
export function requireSamples(capabilities: AgentCapabilities): AgentCapabilities {
  const { quantizerOutage } = capabilities;
  if (quantizerOutage === undefined) return capabilities;
  const message = `the agent's quantizer does not answer: ${quantizerOutage}`;
  throw new BitwrightError('unavailable', 'QUANTIZER_UNREACHABLE', message);
}

/** Hardware and quantizer, and where the quantizer looks for ONNX files. */
export type Evaluators = {
  readonly hardware: HardwareNetwork;
  readonly quantizer: Quantizer;
  readonly artifacts: ArtifactStore;
};

export type EvaluatorAddresses = { readonly hardware?: string | undefined; readonly quantizer?: string | undefined };

/**
 * Lets `work` talk to the services at the addresses; those that are not given live as long as the work. They work
 * beside a running search, as no database is opened.
 */
export async function withEvaluators<T>(
  { hardware, quantizer }: EvaluatorAddresses,
  surroundings: Surroundings,
  work: (evaluators: Evaluators) => Promise<T>,
): Promise<T> {
  if (hardware !== undefined && quantizer !== undefined) return talkToBoth({ hardware, quantizer }, work);
  const { startEvaluators } = await import('@bitwright/embedded');
  const services = await startEvaluators({ folder: homeFolder(surroundings), environment: surroundings.environment });
  try {
    const nats = hardware === undefined ? natsOf(surroundings) : undefined;
    const addresses = { hardware: hardware ?? services.hardware, quantizer: quantizer ?? services.quantizer };
    return await talkToBoth({ ...addresses, nats }, work);
  } finally {
    await services.close();
  }
}

/** Lets `work` talk to the hardware service at the address; without one, to what comes along and what announces itself. */
export async function withHardware<T>(
  address: string | undefined,
  surroundings: Surroundings,
  work: (hardware: HardwareNetwork) => Promise<T>,
): Promise<T> {
  if (address === undefined) return withEvaluators({}, surroundings, ({ hardware }) => work(hardware));
  const hardware = connectHardware(address);
  try {
    return await work(hardware);
  } finally {
    hardware.close();
  }
}

/** As {@link withEvaluators}, with a store that takes files: the agent's, which is started for it. */
export async function withUploads<T>(
  surroundings: Surroundings,
  work: (evaluators: Evaluators) => Promise<T>,
): Promise<T> {
  const { startEmbedded } = await import('@bitwright/embedded');
  const services = await startEmbedded({ folder: homeFolder(surroundings), environment: surroundings.environment });
  try {
    return await talkTo(connectAgent(services.agent), ({ artifacts }) =>
      talkToBoth({ ...services, nats: natsOf(surroundings) }, (evaluators) => work({ ...evaluators, artifacts })),
    );
  } finally {
    await services.close();
  }
}

/** Where hardware may announce itself. */
function natsOf({ environment }: Surroundings): string | undefined {
  return environment['BITWRIGHT_NATS'] || undefined;
}

type EvaluatorPlaces = { readonly hardware: string; readonly quantizer: string; readonly nats?: string | undefined };

async function talkToBoth<T>(addresses: EvaluatorPlaces, work: (evaluators: Evaluators) => Promise<T>): Promise<T> {
  const { nats } = addresses;
  const hardware =
    nats === undefined ? connectHardware(addresses.hardware) : await findHardware([addresses.hardware], nats);
  const { quantizer, artifacts, close } = connectQuantizer(addresses.quantizer);
  try {
    return await work({ hardware, quantizer, artifacts });
  } finally {
    close();
    hardware.close();
  }
}

async function talkTo<T>(agent: AgentClient, work: (agent: AgentClient) => Promise<T>): Promise<T> {
  try {
    return await work(agent);
  } finally {
    agent.close();
  }
}
