import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** The shared libraries of a process that has loaded a module and done nothing. */
async function librariesOf(module: string): Promise<readonly string[]> {
  const url = new URL(`../../${module}`, import.meta.url).href;
  const script = `await import(${JSON.stringify(url)}); console.log(JSON.stringify(process.report.getReport().sharedObjects));`;
  const flags = ['--conditions=@bitwright/source', '--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, flags);
  return JSON.parse(stdout) as string[];
}

it.each([
  'services/quantizer/src/service.ts',
  'services/agent/src/service.ts',
  'services/hardware-onnxruntime/src/service.ts',
])(
  '%s leaves native libraries to its children and to those who need them',
  async (module) => {
    const libraries = await librariesOf(module);
    expect(libraries.length).toBeGreaterThan(0);
    expect(libraries.filter((path) => /onnxruntime|tensorflow|tfjs/.test(path))).toEqual([]);
  },
  60_000,
);
