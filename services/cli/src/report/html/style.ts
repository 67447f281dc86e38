/** The page's whole style sheet. */
export const STYLE = `
  :root { color-scheme: light; --ink: #0f172a; --soft: #475569; --line: #e2e8f0; --accent: #0f766e; }
  body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 1080px; margin: 2.5rem auto; padding: 0 1.25rem; }
  h1 { font-size: 1.6rem; margin: 0 0 .4rem; } h2 { font-size: 1.2rem; margin: 0; }
  section { margin-top: 2.6rem; }
  .lead { font-size: 1.05rem; margin: 0; } .note { color: var(--soft); margin: .25rem 0 .8rem; }
  .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: .8rem; margin-top: 1.4rem; }
  .card { border: 1px solid var(--line); border-top: 3px solid var(--accent); border-radius: 6px; padding: .6rem .9rem; }
  .card b { display: block; font-size: 1.45rem; line-height: 1.3; } .card span { color: var(--soft); font-size: .87rem; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
  th { color: var(--soft); font-weight: 600; font-size: .87rem; }
  .text { text-align: left; }
  table.facts td { white-space: normal; overflow-wrap: anywhere; } table.facts td:first-child { color: var(--soft); width: 7rem; vertical-align: top; }
  tr.result { font-weight: 600; background: #f0fdfa; } tr.quiet td { color: #94a3b8; }
  svg { display: block; max-width: 100%; height: auto; }
  @media print { body { margin: 0 auto; } section { break-inside: avoid; } }`;
