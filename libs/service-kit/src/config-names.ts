/** A setting `drainMs` is the flag `--drain-ms`, the environment's `BITWRIGHT_DRAIN_MS` and the file's `drainMs`. */
export type SettingNames = { readonly flag: string; readonly environment: string; readonly file: string };

export function namesOf(setting: string): SettingNames {
  const words = setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { flag: `--${words}`, environment: `BITWRIGHT_${words.replaceAll('-', '_').toUpperCase()}`, file: setting };
}
