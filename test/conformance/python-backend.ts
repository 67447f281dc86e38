import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  findFreePort,
  findPythonPackages,
  makeTemporaryFolder,
  openHealthProbe,
  type ServerProcess,
  startServer,
  waitUntil,
} from '@bitwright/testing';

const BACKEND = fileURLToPath(new URL('python/backend.py', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** The example of docs/hardware/plug-in.md as a process. */
export type PythonBackend = { readonly address: string; stop(): Promise<void> };

/**
 * Resolves when it serves, and announces itself where there is a NATS server to do so. Throws, saying how to get them,
 * when the Python packages are missing.
 */
export async function launchPythonBackend(natsUrl?: string): Promise<PythonBackend> {
  const { python, folder } = findPythonPackages(process.env);
  const stubs = await makeTemporaryFolder('bitwright-stubs-');
  const env = { ...process.env, PYTHONPATH: [stubs.path, folder].join(delimiter), PYTHONDONTWRITEBYTECODE: '1' };
  await run(python, ['-m', 'grpc_tools.protoc', ...protocArguments(stubs.path)], { cwd: CHECKOUT, env });
  const address = `127.0.0.1:${await findFreePort()}`;
  const announcing = natsUrl === undefined ? [] : ['--nats', natsUrl];
  const server = await startServer(python, [BACKEND, '--listen', address, ...announcing], { env });
  await untilServing(address, server);
  const stop = async () => {
    await server.end('SIGTERM');
    await stubs.remove();
  };
  return { address, stop };
}

function protocArguments(out: string): readonly string[] {
  const common = ['cost', 'network', 'policy'].map((name) => `bitwright/common/v1/${name}.proto`);
  return [
    '-Iproto',
    `--python_out=${out}`,
    `--grpc_python_out=${out}`,
    ...common,
    ...['announcement', 'hardware'].map((name) => `bitwright/hardware/v1/${name}.proto`),
  ];
}

async function untilServing(address: string, server: ServerProcess): Promise<void> {
  const probe = openHealthProbe(address);
  const isServing = async () => {
    if (server.hasEnded()) throw new Error(`the backend in Python ended: ${server.output()}`);
    return (await probe.check()) === 'SERVING';
  };
  try {
    await waitUntil('the backend in Python to serve', isServing, 60_000);
  } finally {
    probe.close();
  }
}
