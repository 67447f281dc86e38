import { hardwareProto, networkProto } from '@bitwright/contracts';
import { FLOAT_BITS } from '@bitwright/core';
import type { Check } from '../check.js';
import { samplePolicy, widest } from '../policies.js';
import { refusalProblems } from '../refusal.js';
import { repeatSample, SAMPLE_LAYERS } from '../sample-network.js';
import { collect, policyRequest, setupRequest, type Target } from '../target.js';

type Request = hardwareProto.EvaluateRequest;
type BadInput = { readonly what: string; readonly field: string; readonly call: () => Promise<unknown> };

export const badInputCheck: Check = {
  id: 'bad-input',
  promise: 'what makes no sense is refused with INVALID_ARGUMENT, in a message that names the field',
  run: async (target) => {
    const inputs = [...badLayers(target), ...badStreams(target)];
    const refusals = inputs.map(({ what, field, call }) =>
      refusalProblems(what, call, { kind: 'invalid_argument', field }),
    );
    return (await Promise.all(refusals)).flat();
  },
};

function badLayers({ tabulate }: Target): readonly BadInput[] {
  const withFirst = (change: Partial<networkProto.Layer>) => ({
    layers: SAMPLE_LAYERS.map((layer, index) => (index === 0 ? { ...layer, ...change } : layer)),
  });
  const counted = hardwareProto.CountedLayers.COUNTED_LAYERS_WITHOUT_FIRST_AND_LAST;
  const kind = networkProto.LayerKind.LAYER_KIND_UNSPECIFIED;
  return [
    { what: 'Tabulate of no layers', field: 'layers', call: () => tabulate({ layers: [] }) },
    { what: 'a kernel of height 0', field: 'kernel_height', call: () => tabulate(withFirst({ kernelHeight: 0 })) },
    { what: 'an output of width 0', field: 'output_width', call: () => tabulate(withFirst({ outputWidth: 0 })) },
    { what: 'a layer of no kind', field: 'kind', call: () => tabulate(withFirst({ kind })) },
    { what: '2 groups of 3 channels', field: 'groups', call: () => tabulate(withFirst({ groups: 2 })) },
    { what: 'a first layer with index 1', field: 'index', call: () => tabulate(withFirst({ index: 1 })) },
    {
      what: 'a network of which no layer counts',
      field: 'counted',
      call: () => tabulate({ layers: repeatSample(2), counted }),
    },
  ];
}

function badStreams(target: Target): readonly BadInput[] {
  const setup = setupRequest(target.setup());
  const policy = (count: number) => policyRequest(widest(target.capabilities), count);
  const length = SAMPLE_LAYERS.length;
  const narrow: Request = { request: { $case: 'policy', value: samplePolicy([0, 0], length) } };
  const send = (...requests: readonly Request[]) => sendAll(target, requests);
  return [
    { what: 'a policy before the setup', field: 'setup', call: () => send(policy(length)) },
    { what: 'a second setup', field: 'policy', call: () => send(setup, setup) },
    { what: 'a policy of one layer less', field: 'layers', call: () => send(setup, policy(length - 1)) },
    { what: 'a policy of 0 bits', field: 'weight_bits', call: () => send(setup, narrow) },
  ];
}

function sendAll({ client }: Target, requests: readonly Request[]): Promise<unknown> {
  const stream = async function* () {
    yield* requests;
  };
  return collect(client.evaluate(stream()));
}

export const unsupportedBitsCheck: Check = {
  id: 'unsupported-bits',
  promise: 'a policy with bits that the capabilities do not list is refused with UNIMPLEMENTED',
  skipReason: ({ capabilities }) =>
    missingBits(capabilities.weightBits).length + missingBits(capabilities.activationBits).length === 0
      ? 'the target runs every width there is'
      : undefined,
  run: async (target) => {
    const { weightBits, activationBits } = target.capabilities;
    const [weight, activation] = widest(target.capabilities);
    const pairs = [
      ...missingBits(weightBits).map((bits) => [bits, activation] as const),
      ...missingBits(activationBits).map((bits) => [weight, bits] as const),
    ];
    const refusals = pairs.map((pair) => {
      const what = `a policy of ${pair[0]}-bit weights and ${pair[1]}-bit activations`;
      return refusalProblems(what, () => target.evaluate([pair]), { kind: 'unsupported' });
    });
    return (await Promise.all(refusals)).flat();
  },
};

/** The widths that a policy may have and a target does not. */
function missingBits(offered: readonly number[]): readonly number[] {
  return [1, 2, 3, 4, 5, 6, 7, 8, FLOAT_BITS].filter((bits) => !offered.includes(bits));
}
