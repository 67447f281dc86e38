import { type ModelSource, sha256Hex } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { createZooLibrary } from './model-library.js';

const TRAINED = { kind: 'zoo', network: 'resnet-20', width: 1, imageSize: 32, classes: 10 } satisfies ModelSource;

describe('the zoo as a library', () => {
  it('reads a trained network once, however many ask, and knows its digest', async () => {
    const library = createZooLibrary();
    const [model, same] = await Promise.all([library.find(TRAINED), library.find(TRAINED)]);
    expect(same).toBe(model);
    expect(await library.find({ ...TRAINED })).toBe(model);
    expect(model.checkpoint?.digest).toBe(sha256Hex(model.checkpoint?.onnx ?? new Uint8Array()));
  });

  it('gives the structure alone of a network that is not trained', async () => {
    const { network, checkpoint } = await createZooLibrary().find({ ...TRAINED, classes: 7 });
    expect(checkpoint).toBeUndefined();
    expect(network.classes).toBe(7);
  });
});
