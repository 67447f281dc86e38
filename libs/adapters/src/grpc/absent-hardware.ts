import { BitwrightError, type HardwareEndpoint } from '@bitwright/core';

export type Absence = {
  /** Targets that are there. */
  readonly names: readonly string[];
  readonly endpoints: readonly HardwareEndpoint[];
  /** Where the target was served last. */
  readonly lastAddress: string | undefined;
  /** Whether services that announce themselves are heard. */
  readonly discovers: boolean;
};

/**
 * Why a target cannot be had. `unavailable` where a service that may have it does not answer, or had it before;
 * `not_found` otherwise, with the reason `HARDWARE_NOT_ANNOUNCED` where a service may yet announce it.
 */
export function explainAbsence(name: string, { names, endpoints, lastAddress, discovers }: Absence): BitwrightError {
  const mayHaveIt = ({ configured, targets }: HardwareEndpoint) =>
    configured || targets.some((target) => target.name === name);
  const away = endpoints.filter((endpoint) => endpoint.outage !== undefined && mayHaveIt(endpoint));
  if (away.length > 0) return unreachable(`hardware "${name}"`, away);
  if (lastAddress !== undefined) {
    const message = `hardware "${name}" was served at ${lastAddress} before; now nobody serves it`;
    return new BitwrightError('unavailable', 'HARDWARE_LEFT', message);
  }
  const others = names.length === 0 ? 'none' : [...names].sort().join(', ');
  const hint = discovers ? '; no service that announced itself has it' : '';
  const reason = discovers ? 'HARDWARE_NOT_ANNOUNCED' : 'HARDWARE_UNKNOWN';
  return new BitwrightError('not_found', reason, `there is no hardware "${name}"; there is ${others}${hint}`);
}

/** Names the addresses that were tried, and why each failed. */
export function unreachable(what: string, away: readonly HardwareEndpoint[]): BitwrightError {
  const reasons = away.map(({ address, outage }) => `${address} does not answer (${outage?.reason})`);
  return new BitwrightError('unavailable', 'HARDWARE_UNREACHABLE', `${what} cannot be reached: ${reasons.join(', ')}`);
}
