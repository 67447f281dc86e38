import type { BuildProgress } from '@bitwright/table-builder';
import pc from 'picocolors';
import type { Output } from '../surroundings.js';
import { createEtaBar, type EtaBar } from '../terminal/eta-bar.js';
import { etaText } from '../terminal/progress-text.js';

const FORMAT = '{bar} {cells}  {eta_text}  {failures}{layer}';

/** Shows how measuring goes on, on standard error: a bar, lines every few seconds, or JSON lines for programs. */
export function createBuildProgress(stderr: Output, json: boolean): EtaBar<BuildProgress> {
  if (json) return createJsonLines(stderr);
  if (stderr.isTTY === true) return withNotes(createEtaBar<BuildProgress>(stderr, FORMAT, stateOf));
  return withNotes(createLines(stderr));
}

function stateOf(progress: BuildProgress) {
  const { samples: done, allSamples: total, etaSeconds, layer } = progress;
  const texts = { cells: cellsText(progress), failures: failuresText(progress), layer: pc.dim(layer) };
  return { done, total, etaSeconds, texts };
}

const cellsText = ({ cells, allCells }: BuildProgress) => `${cells}/${allCells} cells`;
const failuresText = ({ failed }: BuildProgress) => (failed === 0 ? '' : `${pc.red(`${failed} failed`)}  `);

const LINE_INTERVAL_MS = 5_000;

function createLines(stderr: Output, now: () => number = Date.now): EtaBar<BuildProgress> {
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show: (progress) => {
      if (progress.cells < progress.allCells && now() - shownAt < LINE_INTERVAL_MS) return;
      shownAt = now();
      stderr.write(`measuring  ${cellsText(progress)}  ${failuresText(progress)}${etaText(progress.etaSeconds)}\n`);
    },
    note: (text) => void stderr.write(`${text}\n`),
    stop: () => {},
  };
}

function createJsonLines(stderr: Output): EtaBar<BuildProgress> {
  const write = (content: object) => void stderr.write(`${JSON.stringify(content)}\n`);
  return { show: (progress) => write({ progress }), note: (text) => write({ note: text }), stop: () => {} };
}

/** Attempts that failed that are told of as they happen; the rest are counted, and listed at the end. */
const MOST_NOTES = 10;

/** Says at once what went wrong, so that nobody waits an hour to learn of a wrong command. */
function withNotes(view: EtaBar<BuildProgress>): EtaBar<BuildProgress> {
  let notes = 0;
  return {
    ...view,
    show: (progress) => {
      for (const failure of progress.failures) {
        notes += 1;
        if (notes <= MOST_NOTES) view.note(`${progress.layer} at ${failure}`);
        if (notes === MOST_NOTES) view.note('more failures are only counted; the end lists the cells without a cost');
      }
      view.show(progress);
    },
  };
}
