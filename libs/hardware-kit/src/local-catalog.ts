import { BitwrightError, type Hardware, type HardwareCatalog } from '@bitwright/core';
import type { Accelerator } from './accelerator.js';
import { throwIfCancelled } from './cancellation.js';
import { createLocalHardware } from './local-hardware.js';

/**
 * Accelerators of this process, by name; each keeps one cost cache. Throws `already_exists` when two share a name;
 * `open` throws `not_found` and names those there are.
 */
export function createLocalCatalog(accelerators: readonly Accelerator[]): HardwareCatalog {
  return catalogOf(
    accelerators.map((accelerator) => [accelerator.capabilities.name, createLocalHardware(accelerator)]),
  );
}

/** Targets by their names. Throws and answers as {@link createLocalCatalog} does. */
export function catalogOf(targets: readonly (readonly [name: string, target: Hardware])[]): HardwareCatalog {
  const hardware = new Map<string, Hardware>();
  for (const [name, target] of targets) {
    if (hardware.has(name)) throw duplicateName(name);
    hardware.set(name, target);
  }
  return {
    list: async (signal) => {
      throwIfCancelled(signal);
      return Promise.all([...hardware.values()].map((target) => target.describe(signal)));
    },
    open: async (name) => hardware.get(name) ?? throwNotFound(name, [...hardware.keys()]),
  };
}

function duplicateName(name: string): BitwrightError {
  return new BitwrightError('already_exists', 'HARDWARE_NAME', `two accelerators are named "${name}"; rename one`);
}

function throwNotFound(name: string, known: readonly string[]): never {
  const choices = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`;
  throw new BitwrightError('not_found', 'HARDWARE_NOT_FOUND', `no hardware is named "${name}"; ${choices}`);
}
