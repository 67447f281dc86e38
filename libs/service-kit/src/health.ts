import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';

/** What `grpc.health.v1` answers, by full service name; the empty name is the process as a whole. */
export type Health = {
  /** Says whether a service can take work now; a service that was never named is unknown to health checks. */
  set(service: string, serving: boolean): void;
  isServing(service: string): boolean;
  /** Every service stops serving, for good: what is set later has no effect. */
  drain(): void;
};

export { HealthDefinition };

/** The state, and the implementation of {@link HealthDefinition} that answers from it. */
export function createHealth(): { readonly health: Health; readonly implementation: HealthServiceImpl } {
  const state = HealthState();
  const services = new Set(['']);
  let draining = false;
  const set = (service: string, serving: boolean) => {
    services.add(service);
    state.setStatus(serving && !draining ? 'healthy' : 'unhealthy', service);
  };
  // Every watcher waits for changes; ten is where Node would suspect a leak.
  state.setMaxListeners(0);
  state.setStatus('unhealthy');
  const health: Health = {
    set,
    isServing: (service) => state.getStatus(service) === 'healthy',
    drain: () => {
      draining = true;
      for (const service of services) set(service, false);
    },
  };
  return { health, implementation: HealthServiceImpl(state) };
}
