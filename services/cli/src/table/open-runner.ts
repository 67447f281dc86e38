import { connectHardware } from '@bitwright/client';
import type { HardwareCapabilities, HardwareCatalog } from '@bitwright/core';
import { createCommandRunner, createHardwareRunner, type Runner } from '@bitwright/table-builder';
import { wrongFlag } from '../flags/flag.js';
import type { RunnerFlags } from './runner-flags.js';

/** A runner, and what the service behind it says it can do; a command says nothing of that. */
export type OpenRunner = { readonly runner: Runner; readonly capabilities: HardwareCapabilities | undefined };

/** `host:port` or `host:port/target`; everything else is a command. */
const SERVICE = /^((?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5})(?:\/([a-z0-9-]+))?$/;

const DEFAULT_TIMEOUT_SECONDS = 300;

/** Lets `work` have the runner that the flags name. `hardware` names the device where a command measures it. */
export async function withRunner<T>(
  flags: RunnerFlags,
  hardware: string,
  signal: AbortSignal,
  work: (open: OpenRunner) => Promise<T>,
): Promise<T> {
  const name = requireRunner(flags);
  const device = Object.fromEntries(flags.device ?? []);
  const timeoutMs = 1000 * (flags.timeout ?? DEFAULT_TIMEOUT_SECONDS);
  const [, address, target] = SERVICE.exec(name) ?? [];
  if (address === undefined) {
    const { 'layer-format': layerFormat = 'json', provenance = 'measured' } = flags;
    const runner = createCommandRunner({ command: name, hardware, provenance, device, timeoutMs, layerFormat });
    return work({ runner, capabilities: undefined });
  }
  refuseCommandFlags(flags);
  const catalog = connectHardware(address);
  try {
    const capabilities = await findTarget(catalog, address, target, signal);
    const service = await catalog.open(capabilities.name);
    const runner = createHardwareRunner({
      ...{ hardware: service, name: `${address}/${capabilities.name}`, device, timeoutMs },
    });
    return await work({ runner, capabilities });
  } finally {
    catalog.close();
  }
}

function requireRunner({ runner }: RunnerFlags): string {
  if (runner !== undefined) return runner;
  throw wrongFlag('runner', 'is missing; name a hardware service, HOST:PORT, or a command that prints milliseconds');
}

function refuseCommandFlags(flags: RunnerFlags): void {
  const name = (['layer-format', 'provenance'] as const).find((flag) => flags[flag] !== undefined);
  if (name !== undefined) throw wrongFlag(name, 'is for commands; a hardware service says it itself');
}

/** The target that is named; without a name the only one. */
async function findTarget(
  catalog: HardwareCatalog,
  address: string,
  target: string | undefined,
  signal: AbortSignal,
): Promise<HardwareCapabilities> {
  const all = await catalog.list(signal);
  const found = target === undefined && all.length === 1 ? all[0] : all.find(({ name }) => name === target);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => `${address}/${name}`).join(', ') || 'none';
  const problem = target === undefined ? `is ${address}, which hosts several targets` : `names no target of ${address}`;
  throw wrongFlag('runner', `${problem}; write one of ${names}`);
}
