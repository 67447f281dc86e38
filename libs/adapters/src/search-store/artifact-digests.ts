/** Whatever looks like an artifact's digest in what a search is stored with: too much is kept rather than too little. */
export function digestsIn(json: string): readonly string[] {
  return [...new Set(Array.from(json.matchAll(/"([0-9a-f]{64})"/g), ([, digest = '']) => digest))];
}
