import { type LaunchedService, launchService, type ServiceOptions } from '@bitwright/testing';

/** The services, and what each serves. */
export const SERVICES = {
  agent: ['bitwright.agent.v1.SearchService', 'bitwright.artifact.v1.ArtifactService'],
  quantizer: ['bitwright.quantizer.v1.QuantizerService', 'bitwright.artifact.v1.ArtifactService'],
  hardware: ['bitwright.hardware.v1.HardwareService'],
} as const;

export type ServiceName = keyof typeof SERVICES;

/** Settings by their flags' names without the dashes. */
export type Settings = Readonly<Record<string, string | number>>;

export function mainOf(service: ServiceName): URL {
  return new URL(`../../services/${service}/src/main.ts`, import.meta.url);
}

export function toFlags(settings: Settings): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}

/** Starts a service of ours as a process of its own; resolves when it serves. */
export function launch(name: ServiceName, settings: Settings = {}, options?: ServiceOptions): Promise<LaunchedService> {
  return launchService(mainOf(name), toFlags(settings), options);
}
