import {
  microcontroller,
  npuInt8Int4,
  type SystolicProfile,
  systolicEnergyParts,
  systolicLayerActivity,
  tpu128x128,
} from '@bitwright/accelerators';
import type { Layer } from '@bitwright/core';
import { type EnergyParts, totalEnergyMj } from '@bitwright/hardware-kit';
import { publishedLayers } from './bismo-validation.js';
import { markdownTable } from './markdown-table.js';
import { UNIFORM_HEADER, uniformCells, uniformCosts } from './uniform-costs.js';

const PROFILES: readonly SystolicProfile[] = [npuInt8Int4, microcontroller, tpu128x128];
const EIGHT = { weightBits: 8, activationBits: 8 };

/** MobileNetV2 on every systolic preset at every pair of bits. */
export async function costTable(): Promise<readonly string[]> {
  const costs = await Promise.all(PROFILES.map(({ name }) => uniformCosts(name)));
  return markdownTable(UNIFORM_HEADER, costs.flat().map(uniformCells));
}

/** Where energy and time go at 8/8 bits. */
export function shareTable(): readonly string[] {
  const header = ['hardware', 'arithmetic', 'on the chip', 'memory', 'leakage', 'depthwise share of the time'];
  return markdownTable([...header, 'utilization'], PROFILES.map(shareCells));
}

function shareCells(profile: SystolicProfile): readonly string[] {
  const batch = profile.defaultBatchImages;
  const layers = publishedLayers('mobilenet-v2').map((layer) => runLayer(profile, layer, batch));
  const sum = (pick: (layer: (typeof layers)[number]) => number) =>
    layers.reduce((total, layer) => total + pick(layer), 0);
  const energy = sum(({ parts }) => totalEnergyMj(parts));
  const share = (part: keyof EnergyParts) => percent(sum(({ parts }) => parts[part]) / energy);
  const cycles = sum(({ activity }) => activity.cycles);
  const depthwise = sum(({ layer, activity }) => (layer.kind === 'depthwise' ? activity.cycles : 0));
  const busy = sum(({ activity }) => activity.utilization * activity.cycles);
  return [
    ...[profile.name, share('macMj'), share('sramMj'), share('dramMj'), share('staticMj')],
    ...[percent(depthwise / cycles), percent(busy / cycles)],
  ];
}

function runLayer(profile: SystolicProfile, layer: Layer, batch: number) {
  const activity = systolicLayerActivity(profile, layer, EIGHT, batch);
  const latencyMs = activity.cycles / (profile.clockMegahertz * 1e3);
  return { layer, activity, parts: systolicEnergyParts(profile, activity, latencyMs) };
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
