/**
 * A failure that the user can mend. The message is one sentence: what is missing and how to get it.
 * `output` is what the failed tool said, for those who cannot look into the log.
 */
export class SetupFailure extends Error {
  constructor(message, output = '') {
    super(message);
    this.output = output;
  }
}

const networkSigns =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET|NewConnectionError|ConnectionError|ConnectTimeout|Connection refused|ReadTimeout|timed out|Max retries|name resolution|ProxyError|SSLError|Could not connect|Failed to fetch|Could not resolve/i;
const fullDiskSigns = /ENOSPC|EDQUOT|No space left|disk quota/i;

/**
 * Turns what a failed tool printed into the one sentence that the user reads.
 * `task` completes "could not ..."; `remedy` is said when the cause is the tool's own business. Only tools that use
 * the network are searched for its signs: a compiler may well print the name of a class `ConnectionError`.
 */
export function explainFailure(output, { task, remedy, usesNetwork = false }) {
  if (fullDiskSigns.test(output)) {
    return new SetupFailure(
      `The disk is full, so set-up could not ${task}; free some space and run the command again.`,
      output,
    );
  }
  if (usesNetwork && networkSigns.test(output)) {
    return new SetupFailure(
      `The network did not answer, so set-up could not ${task}; check the connection and the proxy settings and run the command again.`,
      output,
    );
  }
  return new SetupFailure(`Set-up could not ${task}: ${findReason(output)}; ${remedy}.`, output);
}

/** The line that says most: the first that calls itself an error, else the last one. */
function findReason(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it ended without a word';
  return reason.slice(0, 200).replace(/[.;:]+$/, '');
}

/** What to print for any error: only a bug in the set-up itself shows its stack. */
export function describeFailure(error) {
  if (error instanceof SetupFailure) return error.message;
  if (fullDiskSigns.test(error?.code ?? '')) return 'The disk is full; free some space and run the command again.';
  if (error?.code === 'EACCES' || error?.code === 'EPERM') {
    return `Set-up may not write ${error.path ?? 'a file'}; change its owner or choose another folder with BITWRIGHT_CACHE.`;
  }
  return error?.stack ?? String(error);
}
