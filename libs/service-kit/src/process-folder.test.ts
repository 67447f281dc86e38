import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProcessFolder } from './process-folder.js';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'bitwright-parent-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** A process that opens a folder, prints its path and waits to be killed. */
function startOwner() {
  const module = new URL('./process-folder.ts', import.meta.url).href;
  const program = `const { openProcessFolder } = await import(${JSON.stringify(module)});
    console.log((await openProcessFolder('models', ${JSON.stringify(parent)})).path);
    setInterval(() => {}, 1000);`;
  const flags = ['--conditions=@bitwright/source', '--import', import.meta.resolve('tsx'), '--input-type=module'];
  return spawn(process.execPath, [...flags, '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('the folder of a process', () => {
  it('is empty, for its user alone, and gone when it is removed', async () => {
    const folder = await openProcessFolder('models', parent);
    expect(await readdir(folder.path)).toEqual([]);
    expect((await stat(folder.path)).mode & 0o077).toBe(0);
    await writeFile(join(folder.path, 'a'), 'a');
    await folder.remove();
    await folder.remove();
    expect(await readdir(parent)).toEqual([]);
  });

  it('stays while its process lives, and goes when the next one comes after a kill', async () => {
    const owner = startOwner();
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const left = line.toString().trim();
    const meanwhile = await openProcessFolder('models', parent);
    expect((await readdir(parent)).sort()).toEqual([left, meanwhile.path].map((path) => basename(path)).sort());
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await writeFile(join(left, 'model.onnx'), 'left');
    const next = await openProcessFolder('models', parent);
    expect((await readdir(parent)).sort()).toEqual([meanwhile.path, next.path].map((path) => basename(path)).sort());
  }, 30_000);

  it('leaves what others have: other purposes, other machines, names that say nothing', async () => {
    const others = [
      `bitwright-tables-${hostname()}-4194305-1-abcdef`,
      `bitwright-models-${hostname()}-b-4194305-1-abcdef`,
      'bitwright-models-abcdef',
    ].sort();
    for (const name of others) await mkdir(join(parent, name));
    const folder = await openProcessFolder('models', parent);
    await folder.remove();
    expect((await readdir(parent)).sort()).toEqual(others);
  });

  it('is not left for an earlier process whose id is in use again', async () => {
    await mkdir(join(parent, `bitwright-models-${hostname()}-${process.pid}-1-abcdef`));
    const folder = await openProcessFolder('models', parent);
    expect(await readdir(parent)).toEqual([basename(folder.path)]);
  });
});
