import {
  ArtifactServiceDefinition,
  type ArtifactServiceImplementation,
  HardwareServiceDefinition,
  type HardwareServiceImplementation,
} from '@bitwright/contracts';
import { onTestFinished } from 'vitest';
import type { CallLimits } from './call-limits.js';
import { type ClientOptions, createChannel, createClient } from './client.js';
import { createServer, type ServerOptions } from './server.js';

const unused = () => Promise.reject(new Error('this handler is not part of the test'));

/** Serves hardware and artifact handlers on a free port of loopback until the test ends, with a client for each. */
export async function serveLoopback(
  handlers: Partial<HardwareServiceImplementation<CallLimits>> & Partial<ArtifactServiceImplementation<CallLimits>>,
  options: { readonly server?: ServerOptions; readonly client?: ClientOptions } = {},
) {
  const server = createServer(options.server);
  const stream = async function* () {};
  server.add(HardwareServiceDefinition, { getCapabilities: unused, tabulate: unused, evaluate: stream, ...handlers });
  server.add(ArtifactServiceDefinition, { putArtifact: unused, getArtifact: stream, hasArtifact: unused, ...handlers });
  const address = await server.listen('127.0.0.1:0');
  const channel = createChannel(address);
  onTestFinished(async () => {
    channel.close();
    await server.close(0);
  });
  return {
    server,
    address,
    channel,
    hardware: createClient(HardwareServiceDefinition, channel, options.client),
    artifacts: createClient(ArtifactServiceDefinition, channel, options.client),
  };
}
