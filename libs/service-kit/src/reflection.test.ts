import { HardwareServiceDefinition, readDescriptors } from '@bitwright/contracts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createChannel, createClient } from './client.js';
import { createServer, type ServerOptions } from './server.js';

const HARDWARE = HardwareServiceDefinition.fullName;

/** Reflection by its wire format, so that the test does not share code with what it tests. */
function reflectionDefinition(version: string) {
  return {
    serverReflectionInfo: {
      path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      requestStream: true,
      responseStream: true,
      requestSerialize: (message: Uint8Array) => Buffer.from(message),
      requestDeserialize: (bytes: Buffer): Uint8Array => bytes,
      responseSerialize: (message: Uint8Array) => Buffer.from(message),
      responseDeserialize: (bytes: Buffer): Uint8Array => bytes,
    },
  } as const;
}

/** `list_services: ""` and `file_containing_symbol`, as protobuf writes them. */
const listServices = Uint8Array.from([58, 0]);
const fileOf = (symbol: string) => Uint8Array.from([34, symbol.length, ...Buffer.from(symbol)]);

async function ask(version: string, request: Uint8Array, options: ServerOptions = {}): Promise<string> {
  const server = createServer(options);
  const unused = () => Promise.reject(new Error('unused'));
  server.add(HardwareServiceDefinition, { getCapabilities: unused, tabulate: unused, evaluate: async function* () {} });
  const channel = createChannel(await server.listen('127.0.0.1:0'));
  onTestFinished(async () => {
    channel.close();
    await server.close(0);
  });
  const client = createClient(reflectionDefinition(version), channel);
  const requests = async function* () {
    yield request;
  };
  for await (const answer of client.serverReflectionInfo(requests())) return Buffer.from(answer).toString('latin1');
  return '';
}

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  it('lists the services that were added', async () => {
    expect(await ask(version, listServices)).toContain(HARDWARE);
  });

  it('gives the file that holds a service', async () => {
    const answer = await ask(version, fileOf(HARDWARE));
    expect(answer).toContain('bitwright/hardware/v1/hardware.proto');
    expect(answer).toContain('EvaluateSetup');
  });

  it('can be switched off', async () => {
    await expect(ask(version, listServices, { reflection: false })).rejects.toMatchObject({ kind: 'unsupported' });
  });
});

it('the descriptors hold every contract', () => {
  const text = Buffer.from(readDescriptors() ?? []).toString('latin1');
  for (const name of ['agent', 'quantizer', 'hardware', 'artifact', 'events'])
    expect(text).toContain(`bitwright.${name}.v1`);
});
