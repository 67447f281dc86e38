import { describe, expect, it } from 'vitest';
import { SEARCH_DEFAULTS } from './flags/search-defaults.js';
import { runCli } from './run-cli.js';
import { fakeSurroundings } from './surroundings.test-support.js';

async function run(...argv: string[]) {
  const { surroundings, stdout, stderr } = fakeSurroundings();
  return { code: await runCli(argv, surroundings), stdout: stdout(), stderr: stderr() };
}

const MODEL = ['--network', 'mobilenet-v2'];

const VERBS = [
  'search',
  'demo',
  'watch',
  'list',
  'show',
  'cancel',
  'resume',
  'report',
  'export',
  'realize',
  'strategies',
  'models',
  'datasets',
  'hardware',
  'serve',
];

describe('the command line', () => {
  it('lists every verb and the exit codes in its help', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
    expect(stdout).toContain('130 cancelled');
  });

  it('says its version', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  it('explains each flag of search with its default', async () => {
    const { stdout } = await run('search', '--help');
    expect(stdout).toMatch(/--trials <N> +policies that the strategy may try \(default \d+\)/);
    expect(stdout).toContain(`(default ${SEARCH_DEFAULTS.finalFidelity.finetuneSamples})`);
    expect(stdout).toContain('--budget "latency<=0.6x"');
  });

  it('gives no command help and exit code 2', async () => {
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: bitwright') });
  });

  it.each(['learn', 'realize'])('knows before %s works that its file has no place', async (name) => {
    const { code, stderr } = await run(name, ...MODEL, '--dataset', 'x', '--out', '/dev/null/model.onnx');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--out: \/dev\/null cannot be made: a file of that name is there$/m);
  });

  it.each<[string[], RegExp]>([
    [['serch'], /unknown command 'serch'[\s\S]*Did you mean search\?/],
    [['search', '--budgt', 'x'], /unknown option '--budgt'[\s\S]*Did you mean --budget\?/],
    [['search', '--trials'], /'--trials <N>' argument missing/],
    [['search', '--out', '--seed', '1'], /'--out <DIR>' argument '--seed' is invalid. The value is missing/],
    [['show'], /missing required argument 'search'/],
    [['list', 'extra'], /too many arguments/],
    [['search', '--trials', 'few'], /^--trials is "few"; use a whole number from 1 to 10000$/m],
    [
      ['search', '--time-limit', '99999999999h'],
      /^--time-limit is "99999999999h"; write a time above 0 and up to 720h/m,
    ],
    [['search', '--batch', '100000'], /^--batch is "100000"; use a whole number from 1 to 65536$/m],
    [['search', '--network', 'mobilenet-v1'], /^--dataset is missing/],
    [
      ['search', ...MODEL, '--dataset', 'x', '--hardware', 'y', '--out', '/proc/no/such'],
      /^--out: \/proc\/no\/such cannot be made/m,
    ],
    [['realize', ...MODEL, '--dataset', 'x', '--log', '/proc'], /^--log: \/proc is a folder; name a file$/m],
    [['realize', ...MODEL, '--dataset', 'x', '--out', '/proc'], /^--out: \/proc is a folder; name a file$/m],
    [['learn', ...MODEL, '--dataset', 'x', '--out', '/proc'], /^--out: \/proc is a folder; name a file$/m],
    [
      ['learn', ...MODEL, '--dataset', 'x', '--weight-bits', '1', '--minimum-bits', '4'],
      /^--weight-bits is 1, below --minimum-bits, 4; raise it/,
    ],
    [['learn', ...MODEL, '--dataset', 'x', '--minimum-bits', '7'], /^--minimum-bits is 7, above --maximum-bits, 6/],
    [['list', '--address', '127.0.0.1:99999'], /^--address is "127\.0\.0\.1:99999"; write host:port/],
    [['realize', '--dataset', 'fashion-mnist'], /^--network is missing/],
    [['realize', ...MODEL], /^--dataset is missing/],
    [['realize', ...MODEL, '--dataset', 'x', '--latency-weight', '1'], /^--latency-weight needs --hardware/],
    [['realize', ...MODEL, '--dataset', 'x', '--batch', '8'], /^--batch needs --hardware/],
    [
      ['realize', ...MODEL, '--dataset', 'x', '--float-layers', 'auto'],
      /^--float-layers is auto, which needs --hardware/,
    ],
    [['realize', ...MODEL, '--dataset', 'x', '--float-layers', '-1'], /^--float-layers is "-1"; use a whole number/m],
    [['realize', ...MODEL, '--dataset', 'x', '--search', 'grid'], /^--search is "grid"; use default or greedy/m],
    [
      ['learn', ...MODEL, '--dataset', 'x', '--distillation', '2'],
      /^--distillation is "2"; use a number from 0 to 1$/m,
    ],
    [['hardware', 'tabulate', '--hardware', 'bismo-edge'], /^--network is missing/],
    [['hardware', 'compare', 'bismo-edge'], /missing required argument 'second'/],
    [['hardware', 'compare', 'a', 'b', '--bits', '9'], /^--bits is "9"; use a whole number from 1 to 8$/m],
    [
      ['hardware', 'tabulate', ...MODEL, '--hardware', 'x', '--out', 'table.txt'],
      /^--out is "table.txt"; .* use \.csv, \.json/,
    ],
    [['hardware', 'convert', 'haq.npy'], /^--out is missing/],
    [['hardware', 'convert', 'haq.npy', '--out', 'table.xls'], /^--out is "table.xls"/],
    [['hardware', 'convert', 'haq.npy', '--out', 'a.json'], /^--network is missing/],
    [['hardware', 'convert', 'haq.npy', '--out', 'a.json', ...MODEL], /^--batch is missing; an array does not say/],
    [['hardware', 'convert', 'a.csv', '--out', 'a.json', '--clock-mhz', '200'], /^--clock-mhz is for arrays/],
    [
      ['hardware', 'convert', 'a.txt', '--out', 'a.json'],
      /^a\.txt has no extension that names a format of cost tables/,
    ],
    [['hardware', 'convert', 'a.csv', '--out', 'a.json'], /^<table>: a\.csv cannot be read: there is no such file$/m],
    [
      ['resume', 'x', '--hardware-table', 'a.csv', '--address', '127.0.0.1:1'],
      /^--hardware-table is for services inside/,
    ],
    [
      ['hardware', 'list', '--missing-costs', 'wider', '--hardware-address', '127.0.0.1:1'],
      /^--missing-costs is for services/,
    ],
    [['hardware', 'check', 'here'], /^<address> is "here"; write host:port/],
    [['strategies', '--address', 'here'], /^--address is "here"; write host:port/],
    [['list', '--address', 'here'], /^--address is "here"; write host:port/],
    [['serve', 'everything'], /^<service> is "everything"; use agent, quantizer, hardware/],
  ])('refuses %j with exit code 2 and the fix', async (argv, message) => {
    const { code, stdout, stderr } = await run(...argv);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each<[string[], RegExp, string?]>([
    [['search', '--trials', 'few'], /is "few"/, '--trials'],
    [['search', '--budgt', 'x'], /unknown option '--budgt'\n.*Did you mean --budget/, '--budgt'],
    [['search', '--trials'], /'--trials <N>' argument '--json' .* The value is missing/, '--trials'],
    [['hardware', 'nothing'], /unknown command 'nothing'/],
    [['serch'], /^unknown command 'serch'/],
    [['show'], /^missing required argument 'search'/, '<search>'],
    [['list', 'extra'], /too many arguments/],
    [['hardware'], /unknown option '--json'/],
    [[], /unknown option '--json'/],
    [['demo', '--config', 'x.yaml'], /x\.yaml cannot be read: there is no such file/, '--config'],
  ])(
    'with --json gives the error of %j as one JSON document, and notes on standard error',
    async (argv, text, field) => {
      const { code, stdout, stderr } = await run(...argv, '--json');
      expect(code).toBe(2);
      const { error } = JSON.parse(stdout);
      expect(error).toMatchObject({ kind: 'invalid_argument', message: expect.stringMatching(text) });
      if (field !== undefined) expect(error.violations).toEqual([{ field, description: expect.stringMatching(text) }]);
      for (const line of stderr.trimEnd().split('\n')) expect(JSON.parse(line)).toEqual({ note: expect.any(String) });
    },
  );

  it('lists the strategies, and the settings of one with their defaults', async () => {
    const all = await run('strategies');
    for (const name of ['auto', 'haq', 'ddq', 'random']) expect(all.stdout).toMatch(new RegExp(`^${name} `, 'm'));
    const { code, stdout } = await run('strategies', 'ddq');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}learnings +trainings, .*; a whole number from 1 to 50 \(default 4\)$/m);
    const { strategies } = JSON.parse((await run('strategies', 'ompq', '--json')).stdout);
    expect(strategies).toEqual([expect.objectContaining({ name: 'ompq', description: expect.any(String) })]);
    expect(strategies[0].options).toContainEqual(expect.objectContaining({ name: 'beta', default: '0.1' }));
  });

  it('names the strategies there are when one is not found', async () => {
    const { code, stderr } = await run('strategies', 'ddp');
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('there are auto, haq,') });
  });

  it('says within seconds that an agent cannot be reached', async () => {
    const { code, stderr } = await run('list', '--address', '127.0.0.1:1');
    expect(code).toBe(5);
    expect(stderr).toMatch(/127\.0\.0\.1:1/);
  });
});
