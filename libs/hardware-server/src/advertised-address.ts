const WILDCARDS = new Set(['0.0.0.0', '[::]', '[::0]', '*']);

/**
 * Where others reach a service: as its settings say, else where it listens; a wildcard stands for every address of the
 * machine, so that the machine's name takes its place. Port 0 of `advertise` means the port on which it listens.
 */
export function advertisedAddress(listening: string, advertise: string | undefined, hostname: string): string {
  const [host, port] = splitAddress(listening);
  if (advertise === undefined) return WILDCARDS.has(host) ? `${hostname}:${port}` : listening;
  const [advertisedHost, advertisedPort] = splitAddress(advertise);
  return advertisedPort === '0' ? `${advertisedHost}:${port}` : advertise;
}

function splitAddress(address: string): readonly [string, string] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon), address.slice(colon + 1)];
}
