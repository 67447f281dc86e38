import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { fashionMnist } from './versions.mjs';

/** A wheel with the members that set-up looks for, and one that it must leave alone. */
const wheel = zipSync({
  'tensorflow/libtensorflow_cc.so.2': strToU8('cc'.repeat(1_000)),
  'tensorflow/libtensorflow_framework.so.2': [strToU8('framework'), { level: 0 }],
  'tensorflow/include/tensorflow/c/kernels.h': strToU8('// C interface'),
  'tensorflow/python/unwanted.so': strToU8('unwanted'),
});

/** Tools that do next to nothing; each notes that it was called, so that tests see what a second run skips. */
const tools = {
  npm: 'true',
  'g++': 'case "$*" in *--version*) exit 0;; esac\nwhile [ "$1" != "-o" ]; do shift; done; echo addon > "$2"',
  python3:
    'case "$*" in *--version*) exit 0;; esac\nwhile [ "$1" != "-d" ]; do shift; done; cp "$FAKE_WHEEL" "$2/tensorflow_cpu.whl"',
};

/** A checkout of the set-up scripts alone, on a machine whose PATH has only fake tools. */
export function createFakeMachine() {
  const root = mkdtempSync(join(tmpdir(), 'bitwright-machine-'));
  const write = (path, content, mode) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  cpSync(fileURLToPath(new URL('..', import.meta.url)), join(root, 'scripts'), { recursive: true });
  write('package.json', JSON.stringify({ engines: { node: '>=20.17 <23' } }));
  write('package-lock.json', JSON.stringify({ packages: {} }));
  const tfjs = 'node_modules/@tensorflow/tfjs-node';
  write(`${tfjs}/package.json`, JSON.stringify({ name: '@tensorflow/tfjs-node', version: '4.22.0' }));
  write(`${tfjs}/index.js`, "exports.getBackend = () => 'tensorflow';");
  write('node_modules/turbo/bin/turbo', '');
  write('fake.whl', wheel);
  for (const name of Object.keys(fashionMnist.files)) write(`data/fashion-mnist/${name}.gz`, 'images');
  write('libs/tensor/native/kernels.cc', '');
  mkdirSync(join(root, 'services'));

  const setTool = (name, body) => write(`bin/${name}`, `#!/bin/sh\necho ${name} >> "$FAKE_CALLS"\n${body}\n`, 0o755);
  for (const [name, body] of Object.entries(tools)) setTool(name, body);
  for (const name of ['cp', 'sh']) symlinkSync(`/bin/${name}`, join(root, 'bin', name));
  return {
    root,
    setTool,
    restoreTool: (name) => setTool(name, tools[name]),
    removeTool: (name) => rmSync(join(root, 'bin', name)),
    setUp: (environment) => runSetUp(root, environment),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function runSetUp(root, environment) {
  const env = {
    PATH: join(root, 'bin'),
    HOME: root,
    BITWRIGHT_DATA: join(root, 'data'),
    FAKE_WHEEL: join(root, 'fake.whl'),
    FAKE_CALLS: join(root, 'calls'),
    ...environment,
  };
  rmSync(env.FAKE_CALLS, { force: true });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'scripts/setup.mjs')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stderr.on('data', (text) => {
      output += text;
    });
    child.on('close', (code) => resolve({ code, output, lines: output.trim().split('\n') }));
  });
}
