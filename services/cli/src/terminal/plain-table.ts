import pc from 'picocolors';

/** Columns as wide as what they hold, without rules; numbers to the right when all of a column are numbers. */
export function plainTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = heads.map((head, index) => ({
    width: Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)),
    isNumeric: rows.every((row) => /^[–-]?$|^-?[0-9][0-9.,]*( ?(%|kB|MB|GB|B))?$/.test(row[index] ?? '')),
  }));
  const line = (cells: readonly string[]) =>
    columns
      .map(({ width, isNumeric }, index) => (isNumeric ? cells[index]?.padStart(width) : cells[index]?.padEnd(width)))
      .join('  ');
  return [pc.bold(line(heads)), ...rows.map(line)].map((text) => text.trimEnd()).join('\n');
}
