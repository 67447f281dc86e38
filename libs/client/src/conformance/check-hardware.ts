import { setMaxListeners } from 'node:events';
import { BitwrightError } from '@bitwright/core';
import { createChannel, withSignal } from '@bitwright/service-kit';
import { type Check, type CheckResult, runCheck } from './check.js';
import { CHECKS } from './checks/index.js';
import { type Capabilities, createHardwareClient, createTarget } from './target.js';

export type CheckHardwareOptions = {
  /** One target; without, every target that the service hosts. */
  readonly hardware?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears of each result as it comes. */
  readonly onResult?: ((progress: CheckProgress) => void) | undefined;
};

export type CheckProgress = {
  readonly hardware: string;
  readonly result: CheckResult;
  /** Checks ended and checks in all, over every target. */
  readonly done: number;
  readonly total: number;
};

/** What a target was found to keep of the contract. */
export type ConformanceReport = {
  readonly hardware: string;
  /** Whether no check failed. */
  readonly conforms: boolean;
  readonly results: readonly CheckResult[];
};

/**
 * Checks whether the hardware service at `host:port` keeps what `bitwright.hardware.v1` promises: one report per
 * target. Takes seconds for a simulator. Throws `unavailable` when nobody answers, `not_found` for a target that is
 * not there, `cancelled` when the signal fires.
 */
export async function checkHardware(
  address: string,
  options: CheckHardwareOptions = {},
): Promise<readonly ConformanceReport[]> {
  const channel = createChannel(address);
  try {
    const all = await listTargets(channel, options);
    const reports: ConformanceReport[] = [];
    for (const capabilities of all) {
      const earlier = reports.length * CHECKS.length;
      reports.push(await checkTarget(channel, capabilities, { options, earlier, total: all.length * CHECKS.length }));
    }
    return reports;
  } finally {
    channel.close();
  }
}

type Channel = ReturnType<typeof createChannel>;

async function listTargets(channel: Channel, { hardware, signal }: CheckHardwareOptions) {
  const { capabilities } = await createHardwareClient(channel).getCapabilities({ hardware: '' }, withSignal(signal));
  const chosen = capabilities.filter(({ name }) => hardware === undefined || name === hardware);
  if (chosen.length > 0) return chosen;
  const names = capabilities.map(({ name }) => name).join(', ') || 'none';
  const message =
    hardware === undefined ? 'the service hosts no hardware' : `there is no hardware "${hardware}"; there is ${names}`;
  throw new BitwrightError('not_found', 'HARDWARE_UNKNOWN', message);
}

type Round = { readonly options: CheckHardwareOptions; readonly earlier: number; readonly total: number };

async function checkTarget(channel: Channel, capabilities: Capabilities, round: Round): Promise<ConformanceReport> {
  const { options, earlier, total } = round;
  const target = createTarget(channel, capabilities, withoutListenerLimit(options.signal));
  const results: CheckResult[] = [];
  for (const check of CHECKS) {
    options.signal?.throwIfAborted();
    const result = await runCheck(skipIfNamesNothing(check, capabilities), target);
    const done = earlier + results.push(result);
    options.onResult?.({ hardware: capabilities.name, result, done, total });
  }
  const conforms = results.every(({ status }) => status !== 'failed');
  return { hardware: capabilities.name, conforms, results };
}

/** Without bits to ask for, only the description itself can be checked. */
function skipIfNamesNothing(check: Check, { weightBits, activationBits }: Capabilities): Check {
  const isUsable = weightBits.length > 0 && activationBits.length > 0;
  if (isUsable || check.id === 'health' || check.id === 'capabilities') return check;
  return { ...check, skipReason: () => 'the capabilities name no bits to ask for' };
}

/** Every call under way listens; ten is where Node would suspect a leak. */
function withoutListenerLimit(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return own;
}
