/** Lines of a table as they stand in the documents. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** Prints a titled table as the documentation shows it. */
export function printTable(title: string, header: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`${title}\n\n${markdownTable(header, rows).join('\n')}\n`);
}
