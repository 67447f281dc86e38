import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProfile, parseAccelerator } from '@bitwright/accelerators';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.js';
import { fakeSurroundings } from '../surroundings.test-support.js';

const PROFILE = [
  'model: roofline',
  'name: board',
  'dramGigabytesPerSecond: 4 # data sheet',
  'peaks: [{ weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 }]',
].join('\n');

const HEAD =
  'kind,weight_bits,activation_bits,latency_ms,batch,in_channels,out_channels,kernel_height,kernel_width,stride,groups,input_height,input_width,output_height,output_width';

/** A board that is the profile with another clock, memory and start. */
function measure(sizes: readonly number[], factors: readonly number[] = [1]): string {
  const { accelerator } = openProfile(PROFILE, 'board.yaml').tune({
    ...{ 'peaks:8/8': 0.5, dramGigabytesPerSecond: 2, launchMicrosecondsPerLayer: 9 },
  });
  const lines = sizes.flatMap((size, position) =>
    (
      [
        ['pointwise', 28],
        ['fully-connected', 1],
      ] as const
    ).map(([kind, side]) => {
      const shape = {
        kind,
        inChannels: size,
        outChannels: size,
        kernelHeight: 1,
        kernelWidth: 1,
        stride: 1,
        groups: 1,
      };
      const sides = { inputHeight: side, inputWidth: side, outputHeight: side, outputWidth: side };
      const { latencyMs } = accelerator.layerCost({ ...shape, ...sides }, 8, 8, 1);
      const measured = latencyMs * (factors[position % factors.length] as number);
      return `${kind},8,8,${measured},1,${size},${size},1,1,1,1,${side},${side},${side},${side}`;
    }),
  );
  return [HEAD, ...lines].join('\n');
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-calibrate-'));
  await writeFile(join(folder, 'board.yaml'), PROFILE);
  await writeFile(join(folder, 'board.csv'), measure([16, 64, 256, 1024, 2048]));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]) {
  const { surroundings, stdout, stderr } = fakeSurroundings({ folder });
  return { code: await runCli(['hardware', ...argv], surroundings), stdout: stdout(), stderr: stderr() };
}

const calibrate = (...argv: string[]) =>
  run('calibrate', '--profile', 'board.yaml', '--measurements', 'board.csv', ...argv);

describe('bitwright hardware calibrate', () => {
  it('writes a profile that works at once and tells how well it does', async () => {
    const { code, stdout, stderr } = await calibrate('--out', 'made/fitted.yaml');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^dramGigabytesPerSecond +GB\/s +4\.000 +2\.000 +.* to .* +fitted$/m);
    expect(stdout).toMatch(/^latency +fitted, on layers held out +0\.00 /m);
    expect(stdout).not.toContain('does worse');
    expect(stderr).toContain('[11/11] fitting latency, 0 s left\n');
    expect(stderr).toContain('made/fitted.yaml: --hardware board-calibrated --hardware-profile made/fitted.yaml\n');
    const text = await readFile(join(folder, 'made/fitted.yaml'), 'utf8');
    expect(text).toMatch(/^dramGigabytesPerSecond: 2 # fitted, .* GB\/s; was 4.000$/m);
    const { name, validation } = parseAccelerator(text, 'fitted.yaml').capabilities;
    expect({ name, validation }).toMatchObject({
      name: 'board-calibrated',
      validation: [{ source: expect.stringMatching(/^board.csv, 10 costs of 10 layer shapes, 2/), metric: 'latency' }],
    });
    const shown = await run('show', 'board-calibrated', '--hardware-profile', 'made/fitted.yaml');
    expect(shown.stdout).toMatch(/^checked +latency within [0-9.e-]+ % of board.csv, 10 costs/m);
  });

  it('prints one JSON document, and names what it was told to fit', async () => {
    const { code, stdout, stderr } = await calibrate('--json', '--fit', 'launchMicrosecondsPerLayer', '--name', 'mine');
    expect(code, stderr).toBe(0);
    const document = JSON.parse(stdout);
    expect(document.hardware).toBe('mine');
    expect(document.constants).toEqual([
      expect.objectContaining({ name: 'launchMicrosecondsPerLayer', unit: 'us', before: 0 }),
    ]);
    expect(document.metrics[0]).toMatchObject({ metric: 'latency', costs: 10, shapes: 10, folds: 10 });
  });

  it('says what the measurements do not tell, and what would', async () => {
    await writeFile(join(folder, 'board.csv'), measure([4, 8, 12]));
    const { stdout } = await calibrate();
    expect(stdout).toMatch(
      /peaks:8\/8 has .*; it stays 1.000 TOPS\. To tell it, measure wide convolutions at bits that run as 8\/8/,
    );
  });

  it('says when the fit is no help on layers that it has not seen, in the file too', async () => {
    await writeFile(join(folder, 'board.csv'), measure([16, 256, 2048], [0.1, 0.5, 1]));
    const { code, stdout } = await calibrate('--out', 'fitted.yaml');
    const doubt = 'latency: on layers held out the fit does worse than the profile as it was.';
    expect(code).toBe(0);
    expect(stdout).toContain(doubt);
    expect(await readFile(join(folder, 'fitted.yaml'), 'utf8')).toContain(`# ${doubt}`);
  });

  it.each<[string, string[], RegExp]>([
    ['no profile', ['calibrate', '--measurements', 'board.csv'], /^--profile is missing/],
    ['no measurements', ['calibrate', '--profile', 'board.yaml'], /^--measurements is missing/],
    [
      'another model',
      ['calibrate', '--profile', 'bitfusion', '--measurements', 'board.csv'],
      /^--profile: bitfusion cannot be read: there is no such file, and the profiles that come along are bismo-edge/,
    ],
    [
      'no such table',
      ['calibrate', '--profile', 'roofline', '--measurements', 'absent.csv'],
      /^--measurements: absent.csv cannot be read: there is no such file/,
    ],
    ['a table as a profile', ['calibrate', '--profile', 'board.csv', '--measurements', 'board.csv'], /^board.csv/],
    [
      'a profile as a table',
      ['calibrate', '--profile', 'board.yaml', '--measurements', 'board.yaml'],
      /^board.yaml has no extension/,
    ],
    [
      'an unknown constant',
      ['calibrate', '--profile', 'board.yaml', '--measurements', 'board.csv', '--fit', 'clock'],
      /^--fit has no constant "clock"/,
    ],
    [
      'a name that none may have',
      ['calibrate', '--profile', 'board.yaml', '--measurements', 'board.csv', '--fit', 'peaks', '--name', 'My Board'],
      /^--name: name is "My Board"; use lower-case/,
    ],
  ])('refuses %s', async (_, argv, message) => {
    const { code, stdout, stderr } = await run(...argv, '--out', 'fitted.yaml');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.replace(/^\[.*\n/gm, '')).toMatch(message);
    await expect(readFile(join(folder, 'fitted.yaml'))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['nan', /latency_ms is "nan"/],
    ['-1', /latency_ms is -1/],
  ])('refuses a measured latency of %s', async (value, message) => {
    await writeFile(join(folder, 'board.csv'), measure([16, 64, 256]).replace(/8,8,[0-9.e-]+,/, `8,8,${value},`));
    const { code, stderr } = await calibrate();
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
