import { readFile } from 'node:fs/promises';
import os from 'node:os';

const GOVERNOR = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';

/**
 * The machine that the command runs on, as far as it is known: processor, threads, clock, memory, system, load. That is
 * the measured device only where the command measures here; so each name begins with `host`.
 */
export async function describeHost(): Promise<Readonly<Record<string, string>>> {
  const processors = os.cpus();
  const [first] = processors;
  const governor = await readFile(GOVERNOR, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  return withoutUnknown({
    'host processor': first?.model.trim(),
    'host threads': `${os.availableParallelism()} of ${processors.length}`,
    'host clock': first === undefined || first.speed === 0 ? undefined : `${first.speed} MHz`,
    'host governor': governor,
    'host memory': `${(os.totalmem() / 1e9).toFixed(1)} GB`,
    'host system': `${os.type()} ${os.release()} ${os.arch()}`,
    'host load': os.loadavg()[0]?.toFixed(2),
  });
}

function withoutUnknown(entries: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const known = Object.entries(entries).filter(([, text]) => text !== undefined && text !== '');
  return Object.fromEntries(known) as Readonly<Record<string, string>>;
}
