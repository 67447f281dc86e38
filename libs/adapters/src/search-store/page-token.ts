import { invalidField, type SearchFilter } from '@bitwright/core';

/** Searches that one page may hold. */
export const MAXIMUM_PAGE_SIZE = 1000;

/** The last search of a page: the next page holds what is older than it. `order` breaks ties of `createdAt`. */
export type PagePosition = { readonly createdAt: number; readonly order: number };

/** An opaque text to go on from; it belongs to the filter it was made for. */
export function formatPageToken(position: PagePosition, filter: SearchFilter): string {
  return Buffer.from(JSON.stringify([position.createdAt, position.order, filter.state ?? ''])).toString('base64url');
}

/** Throws `invalid_argument` for a text that no page gave, or that a page with another filter gave. */
export function parsePageToken(token: string, filter: SearchFilter): PagePosition {
  const fields = parseFields(token);
  const [createdAt, order, state] = fields;
  if (fields.length !== 3 || !Number.isFinite(createdAt) || !Number.isSafeInteger(order)) {
    throw invalidField('page_token', 'is not what a page before gave; start again without it', 'PAGE_TOKEN');
  }
  if (state !== (filter.state ?? '')) {
    throw invalidField('page_token', 'belongs to a list with another filter; start again without it', 'PAGE_TOKEN');
  }
  return { createdAt: createdAt as number, order: order as number };
}

/** Throws `invalid_argument` for a size outside 1..{@link MAXIMUM_PAGE_SIZE}. */
export function assertPageSize(pageSize: number): void {
  if (Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= MAXIMUM_PAGE_SIZE) return;
  throw invalidField('page_size', `is ${pageSize}; use 1..${MAXIMUM_PAGE_SIZE}`, 'PAGE_SIZE');
}

function parseFields(token: string): readonly unknown[] {
  try {
    const fields: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(fields) ? fields : [];
  } catch {
    return [];
  }
}
