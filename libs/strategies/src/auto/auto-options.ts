import { numberOption, readOptions } from '../options.js';
import { measureOption } from '../sensitivity/sensitivity-strategy.js';

/** What stands before HAQ's own options. */
const PREFIX = 'haq.';

/** Settings of `auto`; those that begin with `haq.` are handed on. Throws `invalid_argument` for unknown and wrong ones. */
export function readAutoOptions(options: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(options);
  const own = Object.fromEntries(entries.filter(([name]) => !name.startsWith(PREFIX)));
  const haq = entries.filter(([name]) => name.startsWith(PREFIX));
  const read = readOptions(own, {
    measure: measureOption,
    /** Part of the trials that the control and the integer program may take; HAQ has the rest. */
    programShare: numberOption({ default: 0.3, minimum: 0, maximum: 1 }),
  });
  return { ...read, haq: Object.fromEntries(haq.map(([name, value]) => [name.slice(PREFIX.length), value])) };
}
