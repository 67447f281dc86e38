const lineEveryMs = 5_000;
const redrawEveryMs = 100;

/** `273.8 MB`; decimal, as package indexes and disks count. */
export function formatBytes(bytes) {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** `0.4 s`, `12 s`, `2 min 05 s`. */
export function formatElapsed(milliseconds) {
  const seconds = milliseconds / 1e3;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

/**
 * Shows numbered steps: one line redrawn in a terminal, a line every few seconds in a log.
 * Goes to the error stream, so that what follows the set-up owns the output.
 */
export function createProgress(total, { stream = process.stderr, now = Date.now } = {}) {
  let index = 0;
  let label = '';
  let detail = '';
  let startedAt = 0;
  let timer;

  const clip = (text) => text.slice(0, (stream.columns || 80) - 1);
  const write = (text, end) => stream.write(stream.isTTY ? `\r\x1b[K${clip(text)}${end}` : `${text}\n`);
  const draw = () => write(`${label} ... ${detail}${detail && ', '}${formatElapsed(now() - startedAt)}`, '');
  const stop = () => clearInterval(timer);

  return {
    /** The step was done by an earlier run. */
    skip(name) {
      index += 1;
      write(`[${index}/${total}] ${name}: ready`, '\n');
    },
    start(name, what = '') {
      index += 1;
      label = `[${index}/${total}] ${name}`;
      detail = '';
      startedAt = now();
      write(`${label} ... ${what}`.trimEnd(), '');
      timer = setInterval(draw, stream.isTTY ? redrawEveryMs : lineEveryMs).unref();
    },
    /** What the running step does at the moment; shown with the time that it has taken. */
    note(text) {
      detail = text;
    },
    bytes(verb, done, all) {
      // Tools copy what they downloaded before they are done: never show more than all.
      const shown = Math.min(done, all);
      detail = `${verb} ${formatBytes(shown)} of ${formatBytes(all)}, ${Math.floor((100 * shown) / all)} %`;
    },
    end(summary) {
      stop();
      write(`${label}: done${summary ? `, ${summary}` : ''}, ${formatElapsed(now() - startedAt)}`, '\n');
    },
    /** The step failed: leaves the half-drawn line of a terminal, so that a message starts on its own. */
    abandon() {
      stop();
      if (stream.isTTY) stream.write('\n');
    },
  };
}
