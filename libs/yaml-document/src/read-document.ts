import { invalidField } from '@bitwright/core';
import { type CST, Lexer, Parser, parse } from 'yaml';

/** The largest document; one that says everything has about 4 kB. */
export const LARGEST_DOCUMENT_BYTES = 64 * 1024;

/** Twice the words, marks and breaks of the longest document; YAML's parser may take their square in time. */
const MOST_LEXEMES = 5_000;

/** Deeper than any document; far below what ends YAML's parser, which calls itself for every level. */
const DEEPEST_NESTING = 16;

/** What kind of document is read, for refusals: what it is called, their reason, and how such a document may begin. */
export type DocumentKind = { readonly noun: string; readonly reason: string; readonly firstLine: string };

/**
 * Reads a YAML or JSON text that holds one object. Throws `invalid_argument` with the kind's reason for one that is too
 * large, uses aliases, is no YAML or holds something else; every text is refused or read within a fraction of a second.
 */
export function readDocument(text: string, sourceName: string, kind: DocumentKind): Readonly<Record<string, unknown>> {
  const excess = describeSize(text, kind.noun) ?? describeStructure(text);
  if (excess !== undefined) throw invalidField(sourceName, excess, kind.reason);
  const content = parseText(text, sourceName, kind);
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw invalidField(
    sourceName,
    `holds no keys; write one line for each, starting with ${kind.firstLine}`,
    kind.reason,
  );
}

function parseText(text: string, sourceName: string, { reason: refusal }: DocumentKind): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]?.replace(/:$/, '') : String(error);
    throw invalidField(sourceName, `is not YAML: ${reason}`, refusal);
  }
}

function describeSize(text: string, noun: string): string | undefined {
  if (text.length > LARGEST_DOCUMENT_BYTES) {
    return `has ${text.length} characters; a ${noun} has at most ${LARGEST_DOCUMENT_BYTES}`;
  }
  let lexemes = 0;
  for (const _ of new Lexer().lex(text)) lexemes += 1;
  return lexemes > MOST_LEXEMES ? `has ${lexemes} words and marks; a ${noun} has at most ${MOST_LEXEMES}` : undefined;
}

/** Looks at the tokens only, level by level, before anything is composed or copied. */
function describeStructure(text: string): string | undefined {
  const nodes = [...new Parser().parse(text)].map((token) => ({ token, depth: 0 }));
  for (const { token, depth } of nodes) {
    if (token.type === 'alias') return `uses the alias ${token.source}; write the value out`;
    if (depth > DEEPEST_NESTING) return `is nested more than ${DEEPEST_NESTING} levels deep`;
    nodes.push(...childrenOf(token).map((child) => ({ token: child, depth: depth + 1 })));
  }
  return undefined;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => child != null));
}
