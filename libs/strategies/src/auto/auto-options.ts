import { HAQ_OPTIONS } from '../haq/haq-options.js';
import { defineOptions, type GivenOptions, numberOption } from '../options.js';
import { measureOption } from '../sensitivity/sensitivity-strategy.js';

/** What stands before HAQ's own options. */
const PREFIX = 'haq.';

const OWN = defineOptions({
  measure: measureOption,
  programShare: numberOption('part of the trials for the integer program, one at least; HAQ has the rest', {
    default: 0.3,
    minimum: 0,
    maximum: 1,
  }),
});

/** Settings of `auto`; those that begin with `haq.` are handed on. */
export const AUTO_OPTIONS = {
  list: [...OWN.list, ...HAQ_OPTIONS.list.map((option) => ({ ...option, name: `${PREFIX}${option.name}` }))],
  /** Throws `invalid_argument` for unknown and wrong ones; HAQ's are left to HAQ. */
  read(given: GivenOptions) {
    const entries = Object.entries(given);
    const own = Object.fromEntries(entries.filter(([name]) => !name.startsWith(PREFIX)));
    const haq = entries.filter(([name]) => name.startsWith(PREFIX));
    return {
      ...OWN.read(own),
      haq: Object.fromEntries(haq.map(([name, value]) => [name.slice(PREFIX.length), value])),
    };
  },
};
