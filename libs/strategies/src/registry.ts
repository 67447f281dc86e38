import { type StrategyDefinition, strategyNamed } from '@bitwright/core';
import { autoStrategy } from './auto/auto-strategy.js';
import { ddqStrategy } from './ddq/ddq-strategy.js';
import { hagoStrategy } from './hago/hago-strategy.js';
import { haqStrategy } from './haq/haq-strategy.js';
import { multipointStrategy } from './multipoint/multipoint-strategy.js';
import { ompqStrategy } from './ompq/ompq-strategy.js';
import { randomStrategy } from './random/random-strategy.js';
import { sensitivityStrategy } from './sensitivity/sensitivity-strategy.js';
import { uniformStrategy } from './uniform/uniform-strategy.js';

/** Every strategy; a new one is a folder and a line here. */
export const STRATEGIES: readonly StrategyDefinition[] = [
  autoStrategy,
  haqStrategy,
  ompqStrategy,
  sensitivityStrategy,
  multipointStrategy,
  hagoStrategy,
  ddqStrategy,
  uniformStrategy,
  randomStrategy,
];

/** The strategy of that name; throws `not_found` and names those there are. */
export function findStrategy(name: string): StrategyDefinition {
  return strategyNamed(STRATEGIES, name);
}
