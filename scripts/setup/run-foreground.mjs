import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { checkoutFolder } from './paths.mjs';

/**
 * Runs a Node program with our terminal and resolves to its exit code, 128 + n after signal n.
 * Signals are left to the program: a terminal sends Ctrl-C to both of us, anybody else only to us, so we pass that on.
 */
export function runForeground(args, { env } = {}) {
  const child = spawn(process.execPath, args, {
    cwd: checkoutFolder,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  const passOn = (signal) => child.kill(signal);
  const interrupt = process.stdin.isTTY ? () => {} : passOn;
  process.on('SIGTERM', passOn).on('SIGHUP', passOn).on('SIGINT', interrupt);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
