import type {
  CountedLayers,
  HardwareCapabilities,
  HardwareFeedback,
  HardwareOptions,
  OperatorPrecisions,
  ValidationFigure,
} from '@bitwright/core';
import { fromWireLayerCost, optionalAmount, provenances, toWireLayerCost } from './cost.js';
import { createEnumCodec } from './enum-codec.js';
import {
  limitText,
  mapEntries,
  requireAmount,
  requireBitChoices,
  requireFinite,
  requireInteger,
  requireLength,
  requireText,
} from './fields.js';
import * as wire from './gen/bitwright/hardware/v1/hardware.js';
import { layerKinds } from './layer.js';
import { LIMITS } from './limits.js';
import { fromWireNetwork, toWireNetwork } from './network.js';
import { fromWirePrecision } from './policy.js';

export const countedLayers = createEnumCodec<CountedLayers, wire.CountedLayers>({
  all: wire.CountedLayers.COUNTED_LAYERS_ALL,
  'without-first-and-last': wire.CountedLayers.COUNTED_LAYERS_WITHOUT_FIRST_AND_LAST,
});

const metrics = createEnumCodec<'latency' | 'energy', wire.HardwareMetric>({
  latency: wire.HardwareMetric.HARDWARE_METRIC_LATENCY,
  energy: wire.HardwareMetric.HARDWARE_METRIC_ENERGY,
});

const BATCH = { min: 0, max: LIMITS.batch };

/** The signal stays behind: it becomes the call's. */
export function toWireHardwareOptions({
  batch,
  counted,
  network,
}: HardwareOptions): Pick<wire.EvaluateSetup, 'batch' | 'counted' | 'network'> {
  const graph = network === undefined ? undefined : toWireNetwork(network);
  return { batch: batch ?? 0, counted: countedLayers.toWireOptional(counted), network: graph };
}

/** Batch 0 and unspecified counted layers become "the target's default". */
export function fromWireHardwareOptions(
  message: Pick<wire.EvaluateSetup, 'batch' | 'counted'> & Partial<Pick<wire.EvaluateSetup, 'network'>>,
  field: string,
): Omit<HardwareOptions, 'signal'> {
  const batch = requireInteger(message.batch, `${field}.batch`, BATCH);
  const counted = countedLayers.fromWireOptional(message.counted, `${field}.counted`);
  const graph = message.network === undefined ? undefined : fromWireNetwork(message.network, `${field}.network`);
  return { batch: batch === 0 ? undefined : batch, counted, ...(graph === undefined ? {} : { network: graph }) };
}

export function toWireHardwareCapabilities(capabilities: HardwareCapabilities): wire.HardwareCapabilities {
  return {
    ...capabilities,
    provenance: provenances.toWire(capabilities.provenance),
    metrics: capabilities.metrics.map(metrics.toWire),
    weightBits: [...capabilities.weightBits],
    activationBits: [...capabilities.activationBits],
    defaultCounted: countedLayers.toWire(capabilities.defaultCounted),
    validation: capabilities.validation.map((figure) => ({ ...figure })),
    operators: (capabilities.operators ?? []).map(toWireOperator),
  };
}

function toWireOperator({ operator, precisions }: OperatorPrecisions): wire.OperatorPrecisions {
  return { operator: layerKinds.toWire(operator), precisions: precisions.map((pair) => ({ ...pair })) };
}

function fromWireOperator(message: wire.OperatorPrecisions, field: string): OperatorPrecisions {
  const pairs = { min: 1, max: LIMITS.bitChoices ** 2 };
  return {
    operator: layerKinds.fromWire(message.operator, `${field}.operator`),
    precisions: mapEntries(message.precisions, `${field}.precisions`, pairs, fromWirePrecision),
  };
}

export function fromWireHardwareCapabilities(message: wire.HardwareCapabilities, field: string): HardwareCapabilities {
  const batch = { min: 1, max: LIMITS.batch };
  const entries = { min: 0, max: LIMITS.entries };
  return {
    name: requireText(message.name, `${field}.name`),
    description: limitText(message.description, `${field}.description`),
    version: limitText(message.version, `${field}.version`),
    provenance: provenances.fromWire(message.provenance, `${field}.provenance`),
    metrics: mapEntries(message.metrics, `${field}.metrics`, { min: 1, max: 2 }, metrics.fromWire),
    weightBits: requireBitChoices(message.weightBits, `${field}.weight_bits`),
    activationBits: requireBitChoices(message.activationBits, `${field}.activation_bits`),
    defaultBatch: requireInteger(message.defaultBatch, `${field}.default_batch`, batch),
    maximumBatch: requireInteger(message.maximumBatch, `${field}.maximum_batch`, batch),
    defaultCounted: countedLayers.fromWire(message.defaultCounted, `${field}.default_counted`),
    additive: message.additive,
    validation: mapEntries(message.validation, `${field}.validation`, entries, fromWireFigure),
    ...(message.operators.length === 0
      ? {}
      : { operators: mapEntries(message.operators, `${field}.operators`, entries, fromWireOperator) }),
  };
}

function fromWireFigure(message: wire.ValidationFigure, field: string): ValidationFigure {
  return {
    source: limitText(message.source, `${field}.source`),
    metric: limitText(message.metric, `${field}.metric`),
    errorPercent: requireFinite(message.errorPercent, `${field}.error_percent`),
  };
}

export function toWireFeedback(feedback: HardwareFeedback): wire.EvaluateResponse {
  return { ...feedback, counted: [...feedback.counted], layers: feedback.layers.map(toWireLayerCost) };
}

export function fromWireFeedback(message: wire.EvaluateResponse, field: string): HardwareFeedback {
  const layers = { min: 1, max: LIMITS.layers };
  return {
    hardware: requireText(message.hardware, `${field}.hardware`),
    batch: requireInteger(message.batch, `${field}.batch`, { min: 1, max: LIMITS.batch }),
    counted: [...requireLength(message.counted, `${field}.counted`, layers)],
    latencyMs: requireAmount(message.latencyMs, `${field}.latency_ms`),
    latencyPerImageMs: requireAmount(message.latencyPerImageMs, `${field}.latency_per_image_ms`),
    energyMj: optionalAmount(message.energyMj, `${field}.energy_mj`),
    trafficBytes: optionalAmount(message.trafficBytes, `${field}.traffic_bytes`),
    layers: mapEntries(message.layers, `${field}.layers`, layers, fromWireLayerCost),
    spreadMs: optionalAmount(message.spreadMs, `${field}.spread_ms`),
  };
}
