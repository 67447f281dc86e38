import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseHardwareSpecification } from './parse-specification.js';

const text = readFileSync(new URL('../../../../docs/strategies/hago.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');

it('the documented specification can be used as it stands', () => {
  expect(examples).toHaveLength(1);
  const { name, operators } = parseHardwareSpecification(examples[0] ?? '', 'hago.md');
  expect(name).toBe('my-npu');
  expect(operators.convolution?.map(({ output }) => output)).toEqual(['int16', 'int32']);
});
