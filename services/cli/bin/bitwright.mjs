#!/usr/bin/env node
// Runs the build under plain node; without one (or with BITWRIGHT_FROM_SOURCE=1) the sources, through tsx.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/main.js', import.meta.url);
if (existsSync(built) && process.env.BITWRIGHT_FROM_SOURCE !== '1') await import(built.href);
else runSources();

function runSources() {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const loader = ['--conditions=@bitwright/source', '--import', import.meta.resolve('tsx'), main];
  const child = spawn(process.execPath, [...loader, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the whole group, the child included; other senders know only this process.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
