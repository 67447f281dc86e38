import {
  fromWireHardwareOptions,
  fromWireLayers,
  fromWirePolicy,
  type HardwareServiceImplementation,
  type hardwareProto,
  requireText,
  toWireCostTable,
  toWireFeedback,
  toWireHardwareCapabilities,
} from '@bitwright/contracts';
import {
  assertPolicyFits,
  type HardwareCatalog,
  invalidField,
  type Layer,
  type PrecisionPolicy,
} from '@bitwright/core';

/** Serves the targets of a catalog as `bitwright.hardware.v1`. */
export function hardwareHandlers(catalog: HardwareCatalog): HardwareServiceImplementation {
  return {
    getCapabilities: async ({ hardware }, { signal }) => {
      const targets =
        hardware === '' ? await catalog.list(signal) : [await (await catalog.open(hardware)).describe(signal)];
      return { capabilities: targets.map(toWireHardwareCapabilities) };
    },
    tabulate: async (request, { signal }) => {
      const { name, layers, options } = readSetup(request, 'request');
      const hardware = await catalog.open(name);
      return { table: toWireCostTable(await hardware.tabulate(layers, { ...options, signal })) };
    },
    evaluate: async function* (requests, { signal }) {
      const messages = requests[Symbol.asyncIterator]();
      const { name, layers, options } = await readFirst(messages);
      const hardware = await catalog.open(name);
      const policies = readPolicies(messages, layers);
      for await (const feedback of hardware.evaluate(layers, policies, { ...options, signal }))
        yield toWireFeedback(feedback);
    },
  };
}

type Messages = AsyncIterator<hardwareProto.EvaluateRequest>;

function readSetup(message: hardwareProto.TabulateRequest | hardwareProto.EvaluateSetup, field: string) {
  return {
    name: requireText(message.hardware, `${field}.hardware`),
    layers: fromWireLayers(message.layers, `${field}.layers`),
    options: fromWireHardwareOptions(message, field),
  };
}

async function readFirst(messages: Messages) {
  const { value, done } = await messages.next();
  if (done !== true && value.request?.$case === 'setup') return readSetup(value.request.value, 'request.setup');
  throw invalidField('request.setup', 'must come first: the target and the layers', 'SETUP_FIRST');
}

async function* readPolicies(messages: Messages, layers: readonly Layer[]): AsyncGenerator<PrecisionPolicy> {
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
    const { request } = next.value;
    if (request?.$case !== 'policy')
      throw invalidField('request.policy', 'is required after the setup', 'FIELD_REQUIRED');
    const policy = fromWirePolicy(request.value, 'request.policy');
    assertPolicyFits(policy, layers, 'request.policy');
    yield policy;
  }
}
