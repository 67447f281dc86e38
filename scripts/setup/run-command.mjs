import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setupFolder } from './paths.mjs';

/** Whether a program can be started at all; it is run with a harmless argument. */
export function canRun(program, args = ['--version']) {
  const result = spawnSync(program, args, { stdio: 'ignore', timeout: 30_000 });
  return result.status === 0;
}

/**
 * Runs a tool quietly. All it prints goes to `.cache/setup/<log>.log`, and back to the caller who explains failures.
 * Never throws: a program that cannot be started has code 127.
 */
export function runCommand(program, args, { log, cwd, env } = {}) {
  mkdirSync(setupFolder, { recursive: true });
  const file = createWriteStream(join(setupFolder, `${log}.log`));
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk) => {
      const text = chunk.toString();
      output += text;
      file.write(text);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const finish = (code) => file.end(() => resolve({ code, output }));
    child.on('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}
