/** JSON with sorted keys and without undefined members: equal values, and only they, have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (isPlainObject(member) ? sortKeys(member) : member));
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(value).sort();
  // fromEntries defines own members, so a key such as __proto__ stays data
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}
