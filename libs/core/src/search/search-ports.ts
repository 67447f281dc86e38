import type { ArtifactKeeper } from '../ports/artifact-keeper.js';
import type { Clock } from '../ports/clock.js';
import type { EventBus } from '../ports/event-bus.js';
import type { HardwareCatalog } from '../ports/hardware.js';
import type { Quantizer } from '../ports/quantizer.js';
import type { SearchStore } from '../ports/search-store.js';
import type { StrategyDefinition } from '../ports/search-strategy.js';

/** All that searches need from outside. */
export type SearchPorts = {
  readonly quantizer: Quantizer;
  readonly hardware: HardwareCatalog;
  /** Throws `not_found` and names those there are. */
  readonly strategy: (name: string) => StrategyDefinition;
  readonly store: SearchStore;
  readonly events: EventBus;
  /** Where the artifacts of searches are kept; absent where nobody may remove any. */
  readonly artifacts?: ArtifactKeeper | undefined;
  readonly clock: Clock;
  /** A new unique id. */
  readonly newId: () => string;
  /** Version of the program and of what computes, for the report. */
  readonly versions: Readonly<Record<string, string>>;
};
