import { escapeHtml } from './markup.js';
import { STYLE } from './style.js';

/** `heading` and `note` as text; `content` as HTML. */
export type Section = { readonly heading: string; readonly note: string; readonly content: string };

/** `title` and `lead` as text; `cards`, between lead and sections, as HTML. */
export type Page = {
  readonly title: string;
  readonly lead: string;
  readonly cards?: string;
  readonly sections: readonly Section[];
};

/** One self-contained HTML page, without scripts and outside resources. */
export function renderPage(page: Page): string {
  const title = escapeHtml(page.title);
  const cards = page.cards === undefined ? '' : `${page.cards}\n`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Bitwright: ${title}</title><style>${STYLE}</style></head>
<body>
<h1>${title}</h1>
<p class="lead">${escapeHtml(page.lead)}</p>
${cards}${page.sections.map(renderSection).join('\n')}
</body>
</html>
`;
}

function renderSection({ heading, note, content }: Section): string {
  return `<section>\n<h2>${escapeHtml(heading)}</h2>\n<p class="note">${escapeHtml(note)}</p>\n${content}\n</section>`;
}
