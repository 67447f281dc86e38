import { resolve } from 'node:path';
import { type AgentClient, connectAgent, connectHardware, connectQuantizer } from '@bitwright/client';
import type { ArtifactStore, HardwareCatalog, Quantizer } from '@bitwright/core';
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

/** Hardware and quantizer without an agent. */
export type Evaluators = {
  readonly hardware: HardwareCatalog;
  readonly quantizer: Quantizer;
  /** Of the quantizer: where it looks for ONNX files. */
  readonly artifacts: ArtifactStore;
};

export type EvaluatorAddresses = { readonly hardware?: string | undefined; readonly quantizer?: string | undefined };

/** Lets `work` talk to the services at the addresses; those that are not given live as long as the work. */
export async function withEvaluators<T>(
  addresses: EvaluatorAddresses,
  surroundings: Surroundings,
  work: (evaluators: Evaluators) => Promise<T>,
): Promise<T> {
  const { hardware, quantizer } = addresses;
  if (hardware !== undefined && quantizer !== undefined) return connectBoth(hardware, quantizer, work);
  const { startEvaluators } = await import('@bitwright/embedded');
  const services = await startEvaluators({ folder: homeFolder(surroundings), environment: surroundings.environment });
  try {
    return await connectBoth(hardware ?? services.hardware, quantizer ?? services.quantizer, work);
  } finally {
    await services.close();
  }
}

async function connectBoth<T>(
  hardware: string,
  quantizer: string,
  work: (evaluators: Evaluators) => Promise<T>,
): Promise<T> {
  const targets = connectHardware(hardware);
  const connection = connectQuantizer(quantizer);
  try {
    return await work({ hardware: targets, quantizer: connection.quantizer, artifacts: connection.artifacts });
  } finally {
    connection.close();
    targets.close();
  }
}

async function talkTo<T>(agent: AgentClient, work: (agent: AgentClient) => Promise<T>): Promise<T> {
  try {
    return await work(agent);
  } finally {
    agent.close();
  }
}
