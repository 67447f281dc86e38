import type { NetworkProgress } from '@bitwright/table-builder';
import type { Output } from '../surroundings.js';
import { createEtaBar, type EtaBar } from '../terminal/eta-bar.js';
import { etaText } from '../terminal/progress-text.js';

const FORMAT = '{bar} {value}/{total} networks  {eta_text}';

/** Shows how many whole networks are measured, on standard error: a bar, lines, or JSON lines for programs. */
export function createNetworkProgress(stderr: Output, json: boolean): EtaBar<NetworkProgress> {
  if (json) return linesOf(stderr, (progress) => JSON.stringify({ progress }));
  if (stderr.isTTY !== true) return linesOf(stderr, lineOf);
  return createEtaBar<NetworkProgress>(stderr, FORMAT, ({ policies: done, allPolicies: total, etaSeconds }) => ({
    ...{ done, total, etaSeconds, texts: {} },
  }));
}

function linesOf(stderr: Output, lineOfProgress: (progress: NetworkProgress) => string): EtaBar<NetworkProgress> {
  const note = (text: string) => void stderr.write(`${text}\n`);
  return { show: (progress) => note(lineOfProgress(progress)), note, stop: () => {} };
}

function lineOf({ policies, allPolicies, etaSeconds, failure }: NetworkProgress): string {
  const problem = failure === undefined ? '' : `  failed: ${failure}`;
  return `measuring whole networks  ${policies}/${allPolicies}  ${etaText(etaSeconds)}${problem}`;
}
