import { BitwrightError, REPORT_SCHEMA, type Report } from '@bitwright/core';

/** A report from its JSON text. Throws `unsupported` for a schema that this version does not know. */
export function parseReport(text: string): Report {
  const report = JSON.parse(text) as Report;
  if (report.schema === REPORT_SCHEMA) return report;
  const message = `the report has schema ${String(report.schema)}; this version reads ${REPORT_SCHEMA}`;
  throw new BitwrightError('unsupported', 'REPORT_SCHEMA', message);
}
