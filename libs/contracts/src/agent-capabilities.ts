import type {
  DatasetDescription,
  HardwareCapabilities,
  HardwareEndpoint,
  StrategyDescription,
  StrategyOption,
  ZooEntry,
} from '@bitwright/core';
import { fromWireDataset, toWireDataset } from './dataset.js';
import { limitText, mapEntries, requireText } from './fields.js';
import type * as wire from './gen/bitwright/agent/v1/agent.js';
import { fromWireHardwareCapabilities, toWireHardwareCapabilities } from './hardware.js';
import { fromWireHardwareEndpoint, toWireHardwareEndpoint } from './hardware-endpoint.js';
import { LIMITS } from './limits.js';
import { fromWireZooEntry, toWireZooEntry } from './model.js';

/** What an agent can work with. */
export type AgentCapabilities = {
  /** Version of the agent. */
  readonly version: string;
  readonly strategies: readonly StrategyDescription[];
  /** Targets that answer. */
  readonly hardware: readonly HardwareCapabilities[];
  /** Where they are served, and services that do not answer. */
  readonly hardwareEndpoints: readonly HardwareEndpoint[];
  readonly models: readonly ZooEntry[];
  readonly datasets: readonly DatasetDescription[];
  /** Why models and data sets are not known; undefined where the quantizer answers. */
  readonly quantizerOutage: string | undefined;
};

export function toWireAgentCapabilities(capabilities: AgentCapabilities): wire.GetCapabilitiesResponse {
  const { version, strategies, hardware, hardwareEndpoints, models, datasets, quantizerOutage } = capabilities;
  return {
    version,
    strategies: strategies.map(toWireStrategy),
    hardware: hardware.map(toWireHardwareCapabilities),
    hardwareEndpoints: hardwareEndpoints.map(toWireHardwareEndpoint),
    models: models.map(toWireZooEntry),
    datasets: datasets.map(toWireDataset),
    quantizerOutage,
  };
}

export function fromWireAgentCapabilities(message: wire.GetCapabilitiesResponse, field: string): AgentCapabilities {
  const range = { min: 0, max: LIMITS.entries };
  const { strategies, hardware, hardwareEndpoints, models, datasets, quantizerOutage } = message;
  return {
    version: limitText(message.version, `${field}.version`),
    strategies: mapEntries(strategies, `${field}.strategies`, range, fromWireStrategy),
    hardware: mapEntries(hardware, `${field}.hardware`, range, fromWireHardwareCapabilities),
    hardwareEndpoints: mapEntries(hardwareEndpoints, `${field}.hardware_endpoints`, range, fromWireHardwareEndpoint),
    models: mapEntries(models, `${field}.models`, range, fromWireZooEntry),
    datasets: mapEntries(datasets, `${field}.datasets`, range, fromWireDataset),
    quantizerOutage: quantizerOutage && limitText(quantizerOutage, `${field}.quantizer_outage`),
  };
}

function toWireStrategy({ name, description, options }: StrategyDescription): wire.StrategyInfo {
  return { name, description, options: [...options] };
}

function fromWireStrategy({ name, description, options }: wire.StrategyInfo, field: string): StrategyDescription {
  return {
    name: requireText(name, `${field}.name`),
    description: limitText(description, `${field}.description`),
    options: mapEntries(options, `${field}.options`, { min: 0, max: LIMITS.entries }, fromWireOption),
  };
}

function fromWireOption(option: wire.StrategyOption, field: string): StrategyOption {
  const { name, description, values } = option;
  return {
    name: requireText(name, `${field}.name`),
    description: limitText(description, `${field}.description`),
    values: limitText(values, `${field}.values`),
    default: option.default === undefined ? undefined : limitText(option.default, `${field}.default`),
  };
}
