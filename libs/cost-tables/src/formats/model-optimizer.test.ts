import { describe, expect, it } from 'vitest';
import { parseTable } from '../parse-table.js';

/** A line of a table as Model Optimizer writes them, by column. */
const LINE = {
  schema_version: 'haq_latency_v1',
  deployment_profile: 'board_decode',
  group_pattern: 'model.layers.*.mlp.down_proj',
  source_module_patterns: '["model.layers.*.mlp.down_proj"]',
  recipe_id: 'FP8_DEFAULT_CFG',
  runtime_format: 'FP8',
  m: '4',
  latency_us: '6.5',
  backend: 'fp8_trtllm',
  with_quant: 'True',
  op_kind: 'gemm',
  timing_scope: 'gemm_fused',
  selection_policy: 'fixed_kernel',
  kernel_policy_id: 'trtllm',
  tp: '1',
  ep: '1',
  hardware: 'sm_100',
  n: '2048',
  k: '512',
  h: '',
  measured_runtime_format: '',
  cost_is_proxy: 'False',
};
type Line = Partial<typeof LINE>;

const NVFP4: Line = { recipe_id: 'NVFP4_DEFAULT_CFG', runtime_format: 'NVFP4_W4A4', latency_us: '5' };
const PROXY: Line = { runtime_format: 'NVFP4_W4A16', measured_runtime_format: 'NVFP4_W4A4', latency_us: '5' };
const BF16: Line = { recipe_id: 'NONE', runtime_format: 'BF16', latency_us: '9', with_quant: 'False' };
const MOE: Line = { op_kind: 'moe', n: '', k: '', h: '2048' };

function parse(...lines: readonly Line[]) {
  const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;
  const rows = lines.map((line) =>
    Object.values({ ...LINE, ...line })
      .map(quote)
      .join(','),
  );
  return parseTable(Buffer.from([Object.keys(LINE).join(','), ...rows].join('\n')), 'gpu.csv');
}

describe("a latency table of NVIDIA's Model Optimizer", () => {
  it('gives products measured in FP8 and NVFP4 as fully connected layers at 8 and 4 bits', () => {
    const { layers, counted } = parse({}, NVFP4);
    expect(counted).toBe('all');
    expect(layers.map(({ kind, batch, inChannels, outChannels }) => [kind, batch, inChannels, outChannels])).toEqual([
      ['fully-connected', 4, 512, 2048],
      ['fully-connected', 4, 512, 2048],
    ]);
    expect(layers.map(({ cells: [cell] }) => [cell?.weightBits, cell?.activationBits, cell?.latencyMs])).toEqual([
      [8, 8, 0.0065],
      [4, 4, 0.005],
    ]);
  });

  it('takes a figure for what was measured, whatever it stands for', () => {
    const { layers } = parse(NVFP4, PROXY);
    expect(layers.map(({ cells: [cell] }) => cell?.weightBits)).toEqual([4, 4]);
  });

  it('leaves out what has no counterpart, and counts it', () => {
    const { layers, source } = parse({}, BF16, { ...BF16, m: '1' }, MOE, { runtime_format: 'NVFP4_W4A16' });
    expect(layers).toHaveLength(1);
    expect(source).toEqual({
      ...{ hardware: 'sm_100', version: 'haq_latency_v1', provenance: 'measured' },
      description:
        'Model Optimizer haq_latency_v1, profile board_decode; lines without a counterpart, left out: 2 in BF16, 1 of mixtures of experts, 1 in NVFP4_W4A16',
    });
  });

  it.each<[string, readonly Line[], string]>([
    [
      'another version',
      [{ schema_version: 'haq_latency_v2' }],
      'gpu.csv, line 2: schema_version: must be haq_latency_v1',
    ],
    ['nothing with a counterpart', [BF16, MOE], 'gpu.csv: has no product in FP8 or NVFP4_W4A4; Model Optimizer'],
    ['a latency of 0', [{ latency_us: '0' }], 'gpu.csv, line 2: latency_us: is 0; use a number above 0'],
    ['a latency that is none', [{ latency_us: 'ERROR' }], 'gpu.csv, line 2: latency_us: is "ERROR"'],
    ['a product without a width', [{}, { n: '' }], 'gpu.csv, line 3: n: is ""; use an integer'],
    ['an unknown operation', [{ op_kind: 'conv' }], 'gpu.csv, line 2: op_kind: is "conv"; use gemm, moe'],
    [
      'two profiles',
      [{}, { deployment_profile: 'prefill' }],
      'gpu.csv: deployment_profile: is not one (board_decode, prefill)',
    ],
    [
      'two measurements of one product',
      [{}, { group_pattern: 'o_proj', latency_us: '7' }],
      'layer 1 (o_proj): costs 0.007 ms at 8/8 bits, layer 0 of the same shape',
    ],
  ])('is refused with %s', (_, lines, message) => {
    expect(() => parse(...lines)).toThrow(message);
    expect(() => parse(...lines)).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
  });

  it('is refused without a column that is needed', () => {
    expect(() => parseTable(Buffer.from('schema_version,m\nhaq_latency_v1,1\n'), 'gpu.csv')).toThrow(
      'gpu.csv: lacks the columns deployment_profile, group_pattern, runtime_format, n, k, latency_us, op_kind, hardware',
    );
  });
});
