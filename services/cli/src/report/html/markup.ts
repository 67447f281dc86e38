/** Text as it may stand in a page, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export type HtmlRow = { readonly cells: readonly string[]; readonly className?: string | undefined };

/** A table with one head line; cells are plain text. `leftColumns` first columns are set to the left. */
export function htmlTable(heads: readonly string[], rows: readonly HtmlRow[], leftColumns = 1): string {
  const cellOf = (tag: 'th' | 'td') => (cell: string, column: number) =>
    `<${tag}${column < leftColumns ? ' class="text"' : ''}>${escapeHtml(cell)}</${tag}>`;
  const head = `<thead><tr>${heads.map(cellOf('th')).join('')}</tr></thead>`;
  const lines = rows.map(
    ({ cells, className = '' }) => `<tr class="${className}">${cells.map(cellOf('td')).join('')}</tr>`,
  );
  return `<div class="scroll"><table>${head}<tbody>\n${lines.join('\n')}\n</tbody></table></div>`;
}
