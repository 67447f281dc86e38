import type { SearchProgress, TargetCost } from '@bitwright/core';
import { formatAccuracy, formatBytes, formatNumber, formatSeconds, formatTimeOfDay } from './format.js';

const PHASES: Readonly<Record<SearchProgress['phase'], string>> = {
  preparing: 'preparing',
  baselines: 'measuring controls',
  searching: 'searching',
  finetuning: 'final fine-tuning',
  exporting: 'exporting',
  done: 'done',
};

/** What the search does now, or what it waits for. */
export function phaseText({
  phase,
  state,
  waitingFor,
  measuring,
}: Pick<SearchProgress, 'phase' | 'state' | 'waitingFor' | 'measuring'>): string {
  if (state === 'pending') return 'waiting its turn';
  if (state !== 'running') return state;
  if (waitingFor === undefined) return measuring?.phase ?? PHASES[phase];
  return `waiting for ${waitingFor.peer} since ${formatTimeOfDay(waitingFor.since)}`;
}

/** The phase, and of layers that are measured how many: `measuring sensitivity 12 of 64`. */
export function stageText(progress: SearchProgress): string {
  const { measuring, waitingFor } = progress;
  const isShown = progress.state === 'running' && waitingFor === undefined && measuring !== undefined;
  return isShown ? `${phaseText(progress)} ${measuring.done} of ${measuring.total}` : phaseText(progress);
}

/** Why it waits and how long it will; empty while it goes on. */
export function waitTexts({ waitingFor }: Pick<SearchProgress, 'waitingFor'>): readonly string[] {
  if (waitingFor === undefined) return [];
  return [`${waitingFor.reason}; fails at ${formatTimeOfDay(waitingFor.until)} unless it is back`];
}

/** `ETA 1 min 20 s`; unknown until something was measured. */
export function etaText(etaSeconds: number | undefined): string {
  return etaSeconds === undefined ? 'ETA …' : `ETA ${formatSeconds(etaSeconds)}`;
}

/** `best 91.20 % (validation) at 0.0931 ms, 3.92 bits (haq)`, or that there is none yet. */
export function bestText({ best, phase }: Pick<SearchProgress, 'best' | 'phase'>): string {
  if (best === undefined) return 'nothing fits yet';
  const { sizeBytes, effectiveBits, latencyMs, targets } = best.cost;
  const cost = targets?.map(onTarget).join(' and ') ?? latencyText(latencyMs) ?? formatBytes(sizeBytes);
  const finder = best.origin.split('/')[0];
  // Once all finalists are tuned, the figure is that after the final fine-tuning.
  const split = phase === 'exporting' || phase === 'done' ? 'test' : 'validation';
  return `best ${formatAccuracy(best.accuracy)} (${split}) at ${cost}, ${effectiveBits.toFixed(2)} bits (${finder})`;
}

const latencyText = (latencyMs: number | undefined) =>
  latencyMs === undefined ? undefined : `${formatNumber(latencyMs)} ms`;

const onTarget = ({ hardware, latencyMs }: TargetCost) => `${latencyText(latencyMs) ?? '–'} (${hardware})`;
