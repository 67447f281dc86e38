import { describe, expect, it } from 'vitest';
import { findHardwarePreset } from '../hardware/presets.js';
import type { HardwareSpecification } from '../hardware/specification.js';
import { buildNetwork, pointwise, RESIDUAL } from '../test-support/build-network.js';
import { highestBits, searchSpace } from './search-space.js';
import { bitsByEdge, selectDescriptors } from './select-descriptors.js';
import { analyseTopology } from './topology.js';

const network = buildNetwork(2, RESIDUAL);

const specification = (operators: HardwareSpecification['operators']): HardwareSpecification => ({
  ...{ name: 'toy', description: '', requantization: 'edge', unsignedCodes: false, operators },
});

const TOY = specification({ 'fully-connected': [{ inputs: ['int8'], output: 'int32' }] });

describe('topology analysis', () => {
  it('quantizes only what has an integer kernel: the toy specification only the fully connected layer', () => {
    expect([...analyseTopology(network, TOY).quantized]).toEqual(['classifier']);
  });

  it('lets operators that can do either follow their producers', () => {
    const accelerator = findHardwarePreset('int8-accelerator');
    expect([...analyseTopology(network, accelerator).quantized]).toEqual(['stem', 'stem.relu', 'branch', 'sum']);
    const floatStem = analyseTopology(network, accelerator, new Set(['stem']));
    expect([...floatStem.quantized]).toEqual(['branch', 'sum']);
    const addAlone = buildNetwork(2, [['sum', { kind: 'add' }, 'input', 'input']]);
    expect(analyseTopology(addAlone, accelerator).quantized.size).toBe(0);
  });

  it('keeps additions of vectors and convolutions in groups in float, as HAGO does', () => {
    const grouped = buildNetwork(4, [
      ['first', pointwise(4), 'input'],
      ['grouped', pointwise(4, 2), 'first'],
      ['depthwise', pointwise(4, 4), 'first'],
      ['pool', { kind: 'global-average-pool' }, 'depthwise'],
      ['sum', { kind: 'add' }, 'pool', 'pool'],
    ]);
    const { quantized, operators } = analyseTopology(grouped, findHardwarePreset('int8-accelerator'));
    expect([...quantized]).toEqual(['first', 'depthwise']);
    expect(operators.get('sum')).toBe('vector-add');
  });
});

describe('the search space', () => {
  it('has the edges into quantized nodes, from what both sides can hold down to 4 bits', () => {
    const space = searchSpace(analyseTopology(network, findHardwarePreset('int8-accelerator')));
    expect(space.map(({ name }) => name)).toEqual([
      ...['input -> stem[0]', 'stem.weight', 'stem.relu -> branch[0]', 'branch.weight'],
      ...['branch -> sum[0]', 'stem.relu -> sum[1]'],
    ]);
    expect(space[0]?.choices).toEqual([8, 7, 6, 5, 4]);
    // A sum of 32 bits leaves its operands 31.
    expect(space[4]?.choices[0]).toBe(31);
    expect(highestBits(searchSpace(analyseTopology(network, findHardwarePreset('int8-accelerator-int16'))))).toEqual([
      8, 8, 8, 8, 15, 15,
    ]);
  });

  it('gives all readers of a tensor the same bits where kernels requantize', () => {
    const space = searchSpace(analyseTopology(network, findHardwarePreset('onnxruntime-cpu')));
    const shared = space.find(({ name }) => name === 'stem.relu');
    expect(shared?.edges.map(({ consumer }) => consumer)).toEqual(['branch', 'sum']);
    expect(space.every(({ choices }) => choices[0] === 8)).toBe(true);
  });

  it('counts rectifiers that are not part of a kernel to what they clip: they have its codes', () => {
    const twice = buildNetwork(2, [
      ['stem', pointwise(2), 'input'],
      ['relu', { kind: 'relu' }, 'stem'],
      ['relu6', { kind: 'relu6' }, 'stem'],
      ['left', pointwise(2), 'relu'],
      ['right', pointwise(2), 'relu6'],
    ]);
    const space = searchSpace(analyseTopology(twice, findHardwarePreset('onnxruntime-cpu')));
    expect(space.map(({ name }) => name)).toEqual(['input', 'stem.weight', 'stem', 'left.weight', 'right.weight']);
    expect(space[2]?.edges.map(({ consumer }) => consumer)).toEqual(['left', 'right']);
  });

  it('is empty where nothing is quantized', () => {
    expect(searchSpace(analyseTopology(network, specification({})))).toEqual([]);
  });
});

describe('the choice of a kernel', () => {
  const topology = analyseTopology(network, TOY);
  const space = searchSpace(topology);

  it('is the first whose operands hold the bits', () => {
    const two = analyseTopology(
      network,
      specification({
        convolution: [
          { inputs: ['int8'], output: 'int16' },
          { inputs: ['int16', 'int8'], output: 'int32' },
        ],
      }),
    );
    const variables = searchSpace(two);
    const kernels = (bits: readonly number[]) => selectDescriptors(two, bitsByEdge(variables, bits));
    expect(variables.map(({ choices }) => choices[0])).toEqual([16, 8, 16, 8]);
    expect(kernels([8, 8, 8, 8]).get('stem')?.output).toBe('int16');
    expect(kernels([9, 8, 8, 8]).get('stem')?.output).toBe('int32');
  });

  it('is refused where nothing fits: 12 bits for an operand of 8', () => {
    expect(() => selectDescriptors(topology, bitsByEdge(space, [12, 8]))).toThrow(
      expect.objectContaining({ kind: 'unsupported', reason: 'NO_DESCRIPTOR' }),
    );
    expect(() => selectDescriptors(topology, bitsByEdge(space, [12, 8]))).toThrow(
      'no feasible descriptor: toy has no fully-connected that reads 12 and 8 bits for "classifier"; it has int8 -> int32',
    );
  });

  it('is refused for bits of another length', () => {
    expect(() => bitsByEdge(space, [8])).toThrow('has bits for 1 edges, the network has 2');
  });
});
