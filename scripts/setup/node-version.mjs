import { readFileSync } from 'node:fs';

// Imported before anything else: this file must load on any Node that has modules.
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** tfjs-node does not start on 23 and later; odd releases between are out of support. */
export const supportedMajors = [20, 22];

/** One sentence when this Node cannot run Bitwright, else undefined. `range` is package.json's `engines.node`. */
export function explainNodeVersion(version = process.versions.node, range = manifest.engines.node) {
  const found = version.split('.').map(Number);
  const oldest = range
    .match(/>=(\d+)\.(\d+)/)
    .slice(1)
    .map(Number);
  const isRecent = found[0] > oldest[0] || (found[0] === oldest[0] && found[1] >= oldest[1]);
  if (isRecent && supportedMajors.includes(found[0])) return undefined;
  return `Bitwright runs on Node ${supportedMajors.join(' and ')} (from ${oldest.join('.')}), not on ${version}; install one, for example with \`nvm install ${supportedMajors[0]}\`, and run the command again.`;
}
