import { LAYER_FORMATS } from '@bitwright/table-builder';
import { choice, type FlagValues, numberAbove, repeated, text } from '../flags/flag.js';

/** Who measures, and what is known of it. */
export const RUNNER_FLAGS = {
  runner: text('RUNNER', 'a hardware service, HOST:PORT or HOST:PORT/TARGET, or a command line for the shell'),
  'layer-format': choice('what a command gets besides JSON: nothing, or an ONNX file as its last word (default json)', [
    ...LAYER_FORMATS,
  ]),
  timeout: numberAbove('seconds that one start of the command, or one call, may take (default 300)', 0, 86_400),
  device: repeated('KEY=VALUE', 'what to record of the device: clock, threads, versions', readEntry),
  provenance: choice('whether a command measures a device or asks a simulator (default measured)', [
    'measured',
    'simulated',
  ]),
};

export type RunnerFlags = FlagValues<typeof RUNNER_FLAGS>;

function readEntry(value: string): readonly [string, string] {
  const [, key, entry] = /^([^=]{1,256})=(.{1,256})$/s.exec(value) ?? [];
  if (key !== undefined && entry !== undefined && key.trim() !== '') return [key.trim(), entry];
  throw new Error(`is "${value}"; write KEY=VALUE of at most 256 characters each, for example clock="1.8 GHz"`);
}
