import { readFileSync } from 'node:fs';
import type { HardwareCapabilities } from '@bitwright/core';
import { SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { selectAccelerators } from '../registry.js';
import { parseAccelerator } from './parse-accelerator.js';

const guide = readFileSync(new URL('../../../../docs/hardware/profiles.md', import.meta.url), 'utf8');
const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

/** A file has a name, a text and a version of its own, and brings no validation. */
function comparable({ name, description, version, validation, ...rest }: HardwareCapabilities) {
  return rest;
}

describe('the documented profiles', () => {
  it('are one of each model', () => {
    expect(examples.map((text) => text.split('\n')[0])).toEqual(['model: bismo', 'model: systolic', 'model: roofline']);
  });

  it.each(['bismo-edge', 'npu-int8-int4', 'roofline'].map((name, index) => [name, examples[index] ?? ''] as const))(
    'describe %s: the same costs of every layer at every pair of bits',
    (name, text) => {
      const [preset] = selectAccelerators([name]);
      const documented = parseAccelerator(text, 'profiles.md');
      expect(comparable(documented.capabilities)).toEqual(comparable(preset?.capabilities as HardwareCapabilities));
      expect(documented.capabilities.validation).toEqual([]);
      for (const layer of SAMPLE_LAYERS) {
        for (const weightBits of documented.capabilities.weightBits) {
          for (const activationBits of documented.capabilities.activationBits) {
            const cost = documented.layerCost(layer, weightBits, activationBits, 2);
            expect(cost).toEqual(preset?.layerCost(layer, weightBits, activationBits, 2));
          }
        }
      }
    },
  );
});
