/** Prints a titled table as the documentation shows it. */
export function printTable(title: string, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  console.log(`${title}\n\n${lines.join('\n')}\n`);
}
