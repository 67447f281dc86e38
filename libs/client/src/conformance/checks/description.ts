import { fromWireHardwareCapabilities, HardwareServiceDefinition, type hardwareProto } from '@bitwright/contracts';
import { createClient, HealthDefinition } from '@bitwright/service-kit';
import type { Check } from '../check.js';
import { narrowest } from '../policies.js';
import { refusalProblems } from '../refusal.js';
import { collect, policyRequest, setupRequest, type Target } from '../target.js';

/** `grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING`. */
const SERVING = 1;

export const healthCheck: Check = {
  id: 'health',
  promise: 'grpc.health.v1 says SERVING for the process and for bitwright.hardware.v1.HardwareService',
  run: async ({ channel }) => {
    const client = createClient(HealthDefinition, channel, { unaryDeadlineMs: 10_000 });
    const problems: string[] = [];
    for (const service of ['', HardwareServiceDefinition.fullName]) {
      const { status } = await client.check({ service });
      if (status !== SERVING) problems.push(`the health of "${service}" is status ${status}, not SERVING (1)`);
    }
    return problems;
  },
};

export const capabilitiesCheck: Check = {
  id: 'capabilities',
  promise: 'a target describes itself alike in the list and by name: version, ascending bits, metrics, batches',
  run: async ({ client, capabilities }) => {
    const { capabilities: named } = await client.getCapabilities({ hardware: capabilities.name });
    const isAlike = named.length === 1 && JSON.stringify(named[0]) === JSON.stringify(capabilities);
    const alike = isAlike ? [] : [`asked for "${capabilities.name}" it describes another target, none or several`];
    return [...alike, ...descriptionProblems(capabilities)];
  },
};

function descriptionProblems(capabilities: hardwareProto.HardwareCapabilities): readonly string[] {
  const problems: string[] = [];
  const { version, defaultBatch, maximumBatch } = capabilities;
  if (version === '') problems.push('version is empty; nobody can tell whose figures they were');
  if (defaultBatch > maximumBatch)
    problems.push(`default_batch ${defaultBatch} is above maximum_batch ${maximumBatch}`);
  try {
    fromWireHardwareCapabilities(capabilities, 'capabilities');
  } catch (error) {
    problems.push((error as Error).message);
  }
  return problems;
}

export const unknownHardwareCheck: Check = {
  id: 'unknown-hardware',
  promise: 'each rpc refuses a target that is not served here with NOT_FOUND',
  run: async (target) => {
    const hardware = 'no-such-hardware';
    const setup = { ...target.setup(), hardware };
    const calls: readonly [string, () => Promise<unknown>][] = [
      ['GetCapabilities', () => target.client.getCapabilities({ hardware })],
      ['Tabulate', () => target.client.tabulate(setup)],
      ['Evaluate', () => evaluateSetup(target, setup)],
    ];
    const found = calls.map(([name, call]) => refusalProblems(`${name} of "${hardware}"`, call, { kind: 'not_found' }));
    return (await Promise.all(found)).flat();
  },
};

function evaluateSetup({ client, capabilities }: Target, setup: hardwareProto.EvaluateSetup): Promise<unknown> {
  const requests = async function* () {
    yield setupRequest(setup);
    yield policyRequest(narrowest(capabilities), setup.layers.length);
  };
  return collect(client.evaluate(requests()));
}
