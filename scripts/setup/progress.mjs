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
  let current;

  const show = (text) => {
    if (stream.isTTY) stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    else stream.write(`${text}\n`);
  };
  const finish = (text) => stream.write(stream.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
  const draw = (detail = '') => {
    const time = now();
    if (time - current.shownAt < (stream.isTTY ? redrawEveryMs : lineEveryMs)) return;
    current.shownAt = time;
    show(`${current.label} ... ${detail}${detail ? ', ' : ''}${formatElapsed(time - current.startedAt)}`);
  };

  return {
    /** The step was done by an earlier run. */
    skip(name) {
      index += 1;
      finish(`[${index}/${total}] ${name}: ready`);
    },
    start(name, detail) {
      index += 1;
      current = { label: `[${index}/${total}] ${name}`, startedAt: now(), shownAt: now() };
      show(`${current.label} ...${detail ? ` ${detail}` : ''}`);
    },
    bytes(verb, done, all) {
      const percentage = Math.min(100, Math.floor((100 * done) / all));
      draw(`${verb} ${formatBytes(done)} of ${formatBytes(all)}, ${percentage} %`);
    },
    note: draw,
    end(summary) {
      finish(`${current.label}: done${summary ? `, ${summary}` : ''}, ${formatElapsed(now() - current.startedAt)}`);
    },
    /** Leaves the half-drawn line of a terminal, so that a message starts on a line of its own. */
    abandon() {
      if (stream.isTTY) stream.write('\n');
    },
  };
}
