export { explainIssues } from './explain-issues.js';
export { bitWidths, choice, integer, quantity, section } from './fields.js';
export { type DocumentKind, LARGEST_DOCUMENT_BYTES, readDocument } from './read-document.js';
