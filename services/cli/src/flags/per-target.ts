import { type Flag, wrongFlag } from './flag.js';

/** A setting of every hardware target, or of the one that is named. */
export type TargetSetting<T> = { readonly target: string | undefined; readonly value: T };

/** A flag that takes `VALUE` for every target and `NAME=VALUE` for one. */
export function perTarget<T>({ placeholder, description, read }: Flag<T>): Flag<readonly TargetSetting<T>[]> {
  return {
    placeholder: `[NAME=]${placeholder}`,
    description: `${description}; NAME=… for one of several targets (repeatable)`,
    read: (texts) =>
      texts.map((text) => {
        const [, target, value = text] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
        return { target, value: read([value]) };
      }),
  };
}

/** What holds for a target: what was said of it last, else what was said of all. */
export function settingOf<T>(settings: readonly TargetSetting<T>[] | undefined, target: string): T | undefined {
  const own = settings?.findLast((setting) => setting.target === target);
  return (own ?? settings?.findLast((setting) => setting.target === undefined))?.value;
}

/** Throws `invalid_argument` for a setting of something that is no target of the search. */
export function requireTargets(
  flag: string,
  settings: readonly TargetSetting<unknown>[] | undefined,
  targets: readonly string[],
): void {
  const stray = settings?.find(({ target }) => target !== undefined && !targets.includes(target));
  if (stray === undefined) return;
  throw wrongFlag(flag, `is for "${stray.target}"; the targets of this search are ${targets.join(', ')}`);
}
