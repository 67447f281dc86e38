import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypervolume, paretoFront, type Scored } from './pareto-front.js';

const itself = (point: Scored) => point;
const anyPoints = fc.array(fc.record({ value: fc.integer({ min: 0, max: 9 }), cost: fc.integer({ min: 0, max: 9 }) }));
const isDominated = (point: Scored, by: Scored) =>
  by.value >= point.value && by.cost <= point.cost && (by.value > point.value || by.cost < point.cost);

describe('a Pareto front', () => {
  it('keeps what no other beats, by ascending cost', () => {
    const points = [
      { value: 0.9, cost: 10 },
      { value: 0.7, cost: 4 },
      { value: 0.6, cost: 5 },
      { value: 0.9, cost: 12 },
      { value: 0.5, cost: 1 },
    ];
    expect(paretoFront(points, itself).map(({ cost }) => cost)).toEqual([1, 4, 10]);
  });

  it('keeps the first of equal points', () => {
    const items = [
      { name: 'a', value: 1, cost: 1 },
      { name: 'b', value: 1, cost: 1 },
    ];
    expect(paretoFront(items, itself)).toEqual([items[0]]);
  });

  it('is empty for nothing', () => {
    expect(paretoFront([], itself)).toEqual([]);
  });

  it('holds no dominated point and leaves out no other', () => {
    fc.assert(
      fc.property(anyPoints, (points) => {
        const front = paretoFront(points, itself);
        for (const point of front) expect(points.some((other) => isDominated(point, other))).toBe(false);
        for (const point of points) {
          const covered = front.some(({ value, cost }) => value >= point.value && cost <= point.cost);
          expect(covered).toBe(true);
        }
      }),
    );
  });
});

describe('hypervolume', () => {
  const reference = { value: 0, cost: 10 };

  it('is the area between the front and the reference', () => {
    expect(hypervolume([{ value: 3, cost: 4 }], reference)).toBe(18);
    const front = [
      { value: 2, cost: 2 },
      { value: 3, cost: 4 },
    ];
    expect(hypervolume(front, reference)).toBe(2 * 2 + 3 * 6);
  });

  it('counts nothing outside the reference', () => {
    expect(hypervolume([], reference)).toBe(0);
    expect(hypervolume([{ value: 5, cost: 10 }], reference)).toBe(0);
    expect(hypervolume([{ value: 0, cost: 1 }], reference)).toBe(0);
  });

  it('equals the number of unit squares that some point dominates', () => {
    fc.assert(
      fc.property(anyPoints, (points) => {
        let squares = 0;
        for (let cost = 0; cost < 10; cost += 1) {
          for (let value = 0; value < 10; value += 1) {
            if (points.some((point) => point.cost <= cost && point.value >= value + 1)) squares += 1;
          }
        }
        expect(hypervolume(points, reference)).toBe(squares);
      }),
    );
  });

  it('never falls when a point is added', () => {
    fc.assert(
      fc.property(anyPoints, fc.record({ value: fc.nat(9), cost: fc.nat(9) }), (points, more) => {
        expect(hypervolume([...points, more], reference)).toBeGreaterThanOrEqual(hypervolume(points, reference));
      }),
    );
  });
});
