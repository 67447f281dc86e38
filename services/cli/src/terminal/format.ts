import type { Metric } from '@bitwright/core';

/** Stands for what is not known. */
export const UNKNOWN = '–';

/** 0.9234 as `92.34 %`. */
export function formatAccuracy(accuracy: number | null | undefined): string {
  return accuracy === null || accuracy === undefined ? UNKNOWN : `${(100 * accuracy).toFixed(2)} %`;
}

/** A number with three or four significant digits, without an exponent. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  if (value === 0) return '0';
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

/** Numbers of one column with the same number of decimals, so that their points stand below each other. */
export function formatColumn(values: readonly (number | null)[]): readonly string[] {
  const largest = Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
  const decimals = largest === 0 ? 0 : Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(largest))));
  return values.map((value) => (value === null ? UNKNOWN : value.toFixed(decimals)));
}

/** Bytes in kB or MB (powers of ten, as budgets are). */
export function formatBytes(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(2)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}

const COSTS: Readonly<Record<Metric, (amount: number) => string>> = {
  latency: (amount) => `${formatNumber(amount)} ms`,
  energy: (amount) => `${formatNumber(amount)} mJ`,
  size: formatBytes,
  bops: (amount) => `${formatNumber(amount / 1e6)} million bit operations`,
  'effective-bits': (amount) => `${formatNumber(amount)} bits`,
};

/** An amount of a budget's metric with its unit; reports of later versions may have metrics without one that is known. */
export function formatCost(metric: string, amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return UNKNOWN;
  return (COSTS[metric as Metric] ?? formatNumber)(amount);
}

/** Seconds as `12 s`, `3 min 05 s` or `2 h 10 min`. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return UNKNOWN;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Bits as a range where they are one: `1-8`, else `2, 4, 8`. */
export function formatBits(bits: readonly number[]): string {
  const [first = 0, last = 0] = [bits[0], bits.at(-1)];
  const isRange = bits.length > 2 && bits.every((value, index) => value === first + index);
  return isRange ? `${first}-${last}` : bits.join(', ');
}

/** A time in milliseconds since the epoch, to the minute, in the machine's own zone. */
export function formatTime(time: number): string {
  const date = new Date(time);
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** The same of one day, to the second. */
export function formatTimeOfDay(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

const twoDigits = (value: number) => String(value).padStart(2, '0');
