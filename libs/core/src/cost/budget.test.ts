import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsBudget, metricOf, resolveBudget } from './budget.js';
import { type Constraint, constraintProblem, formatConstraint, METRICS, parseConstraint } from './constraint.js';
import type { PolicyCost } from './policy-cost.js';

const cost = (scale: number): PolicyCost => ({
  latencyMs: 20 * scale,
  energyMj: 5 * scale,
  sizeBytes: 1e6 * scale,
  bops: 1e9 * scale,
  effectiveBits: 8 * scale,
});

describe('reading a budget', () => {
  it.each([
    ['latency<=0.6x', { metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } }],
    ['latency<=12ms', { metric: 'latency', limit: { kind: 'absolute', value: 12 } }],
    ['latency<=2s', { metric: 'latency', limit: { kind: 'absolute', value: 2000 } }],
    ['latency<=500us', { metric: 'latency', limit: { kind: 'absolute', value: 0.5 } }],
    ['energy<=0.5x', { metric: 'energy', limit: { kind: 'relative', ratio: 0.5 } }],
    ['energy<=3mJ', { metric: 'energy', limit: { kind: 'absolute', value: 3 } }],
    ['size<=1.5MB', { metric: 'size', limit: { kind: 'absolute', value: 1_500_000 } }],
    ['size<=2MiB', { metric: 'size', limit: { kind: 'absolute', value: 2_097_152 } }],
    ['bops<=2G', { metric: 'bops', limit: { kind: 'absolute', value: 2e9 } }],
    ['bops<=1e6', { metric: 'bops', limit: { kind: 'absolute', value: 1e6 } }],
    ['effective-bits<=4', { metric: 'effective-bits', limit: { kind: 'absolute', value: 4 } }],
    ['  Latency <= .6 X ', { metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } }],
  ] as const)('understands "%s"', (text, constraint) => {
    expect(parseConstraint(text)).toEqual(constraint);
  });

  it.each([
    ['latency<0.6x', 'BUDGET_SYNTAX'],
    ['latency', 'BUDGET_SYNTAX'],
    ['', 'BUDGET_SYNTAX'],
    ['latency<=-1ms', 'BUDGET_SYNTAX'],
    ['latency<=1.2.3ms', 'BUDGET_SYNTAX'],
    ['area<=0.6x', 'BUDGET_METRIC'],
    ['latency<=0x', 'BUDGET_VALUE'],
    ['size<=1e999MB', 'BUDGET_VALUE'],
    ['latency<=12MB', 'BUDGET_UNIT'],
    ['latency<=12', 'BUDGET_UNIT'],
    ['size<=100', 'BUDGET_UNIT'],
  ])('refuses "%s" as %s and names the field', (text, reason) => {
    const violations = [expect.objectContaining({ field: 'spec.budget[1]' })];
    expect(() => parseConstraint(text, 'spec.budget[1]')).toThrow(
      expect.objectContaining({ kind: 'invalid_argument', reason, violations }),
    );
  });

  it.each([
    ['latency@bismo-edge<=0.6x', 'bismo-edge', { kind: 'relative', ratio: 0.6 }],
    [' Energy @ my board <= 2 mJ', 'my board', { kind: 'absolute', value: 2 }],
    ['latency@a<=b<=3ms', 'a<=b', { kind: 'absolute', value: 3 }],
  ] as const)('understands "%s" as a limit on one target', (text, target, limit) => {
    expect(parseConstraint(text)).toMatchObject({ target, limit });
  });

  it.each(['latency@<=0.6x', '@bismo-edge<=0.6x', 'latency@ <=0.6x'])('refuses "%s"', (text) => {
    expect(() => parseConstraint(text)).toThrow(expect.objectContaining({ reason: 'BUDGET_SYNTAX' }));
  });

  it('lists the units of the metric when the unit is wrong', () => {
    expect(() => parseConstraint('latency<=12MB')).toThrow('us, ms, s, x');
  });

  it('undoes writing', () => {
    const anyAmount = fc.double({ min: 1e-9, max: 1e15, noNaN: true });
    const anyName = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((name) => name.trim() === name && !name.includes('\n'));
    const anyTarget = fc.option(anyName, { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom(...METRICS),
        anyTarget,
        fc.boolean(),
        anyAmount,
        (metric, target, relative, amount) => {
          const limit = relative
            ? ({ kind: 'relative', ratio: amount } as const)
            : ({ kind: 'absolute', value: amount } as const);
          expect(parseConstraint(formatConstraint({ metric, limit, target }))).toEqual({ metric, limit, target });
        },
      ),
    );
  });
});

describe('resolving a budget', () => {
  const costs = { reference: cost(1), smallest: () => cost(0.25) };

  it('takes a factor of what 8 bits cost, or the value itself', () => {
    const constraints = [parseConstraint('latency<=0.5x'), parseConstraint('size<=0.4MB')];
    expect(resolveBudget(constraints, costs)).toEqual([
      { metric: 'latency', limit: 10, reference: 20, smallest: 5, asked: constraints[0] },
      { metric: 'size', limit: 400_000, reference: 1e6, smallest: 250_000, asked: constraints[1] },
    ]);
  });

  it('accepts the smallest value there is', () => {
    expect(resolveBudget([parseConstraint('latency<=0.25x')], costs)[0]?.limit).toBe(5);
  });

  it('refuses what no policy can reach, names the smallest reachable value and the field', () => {
    const constraints: Constraint[] = [parseConstraint('size<=1MB'), parseConstraint('latency<=4ms')];
    const act = () => resolveBudget(constraints, costs);
    const violations = [expect.objectContaining({ field: 'spec.budget[1]' })];
    expect(act).toThrow(
      expect.objectContaining({ kind: 'failed_precondition', reason: 'BUDGET_INFEASIBLE', violations }),
    );
    expect(act).toThrow('the smallest reachable latency is 5.00000 ms (0.25x of 8 bit)');
  });

  it('names a ratio that is itself feasible', () => {
    const smallest = () => cost(1 / 3);
    const act = () => resolveBudget([parseConstraint('latency<=0.1x')], { reference: cost(1), smallest });
    expect(act).toThrow('(0.3334x of 8 bit)');
    const named = resolveBudget([parseConstraint('latency<=0.3334x')], { reference: cost(1), smallest });
    expect(fitsBudget(smallest(), named)).toBe(true);
  });

  it('refuses a metric that the hardware does not report', () => {
    const reference = { ...cost(1), energyMj: undefined };
    expect(() => resolveBudget([parseConstraint('energy<=0.5x')], { reference, smallest: () => cost(0.1) })).toThrow(
      expect.objectContaining({ kind: 'unsupported', reason: 'METRIC_UNSUPPORTED' }),
    );
  });
});

describe('a budget on several targets', () => {
  const names = ['edge', 'cloud'];
  /** The cloud takes a tenth of the time, and reports no energy. */
  const onBoth = (scale: number): PolicyCost => ({
    ...cost(scale),
    targets: [
      { hardware: 'edge', latencyMs: 20 * scale, energyMj: 5 * scale },
      { hardware: 'cloud', latencyMs: 2 * scale, energyMj: undefined },
    ],
  });
  const costs = { reference: onBoth(1), smallest: () => onBoth(0.25) };
  const resolve = (...texts: string[]) =>
    resolveBudget(
      texts.map((text) => parseConstraint(text)),
      costs,
      names,
    );

  it('holds on every one, relative to what 8 bits cost there', () => {
    expect(resolve('latency<=0.5x')).toMatchObject([
      { metric: 'latency', target: 'edge', limit: 10, reference: 20, smallest: 5 },
      { metric: 'latency', target: 'cloud', limit: 1, reference: 2, smallest: 0.5 },
    ]);
  });

  it('holds on one that is named, and once for what no hardware decides', () => {
    expect(resolve('latency@cloud<=0.5x', 'size<=0.5x')).toMatchObject([
      { metric: 'latency', target: 'cloud', limit: 1 },
      { metric: 'size', target: undefined, limit: 500_000 },
    ]);
  });

  it('is met by what meets it everywhere', () => {
    const constraints = resolve('latency<=0.5x');
    expect(fitsBudget(onBoth(0.5), constraints)).toBe(true);
    const [edge, cloud] = onBoth(0.5).targets ?? [];
    const late = { ...onBoth(0.5), targets: [edge, { ...cloud, latencyMs: 1.01 }] } as PolicyCost;
    expect(fitsBudget(late, constraints)).toBe(false);
    expect(fitsBudget(cost(0.1), constraints)).toBe(false);
  });

  it('refuses what cannot be reached and names each target with its smallest value', () => {
    expect(() => resolve('size<=1MB', 'latency<=0.1ms')).toThrow(
      /smallest reachable latency on edge is 5\.00000 ms .*smallest reachable latency on cloud is 0\.500000/,
    );
  });

  it('says which target lacks the metric', () => {
    expect(() => resolve('energy<=0.5x')).toThrow(
      /^cloud does not report energy; limit energy@… of a target that does/,
    );
    expect(resolve('energy@edge<=0.5x')).toHaveLength(1);
  });

  it('has problems only with targets that are not there, and with what is the same on all', () => {
    const problem = (text: string) => constraintProblem(parseConstraint(text), names);
    expect(problem('latency@moon<=1x')).toBe('"moon" is no target of this search; its targets are edge, cloud');
    expect(problem('size@edge<=1x')).toBe('size is the same on all hardware; leave out "@edge"');
    expect([problem('energy@edge<=1x'), problem('size<=1x')]).toEqual([undefined, undefined]);
  });
});

describe('fitting a budget', () => {
  const constraints = resolveBudget([parseConstraint('latency<=0.5x'), parseConstraint('size<=0.6x')], {
    reference: cost(1),
    smallest: () => cost(0),
  });

  it('needs every limit to hold, the limit itself included', () => {
    expect(fitsBudget(cost(0.5), constraints)).toBe(true);
    expect(fitsBudget({ ...cost(0.5), sizeBytes: 600_001 }, constraints)).toBe(false);
    expect(fitsBudget(cost(0.55), constraints)).toBe(false);
    expect(fitsBudget(cost(9), [])).toBe(true);
  });

  it('fails for a cost that lacks the metric', () => {
    expect(fitsBudget({ ...cost(0.1), latencyMs: undefined }, constraints)).toBe(false);
  });

  it('reads each metric from the cost', () => {
    expect(METRICS.map((metric) => metricOf(cost(1), metric))).toEqual([20, 5, 1e6, 1e9, 8]);
  });
});
