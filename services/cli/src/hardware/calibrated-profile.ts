import { formatProfile } from '@bitwright/accelerators';
import type { Calibration, Finding } from '@bitwright/calibration';
import type { ValidationFigure } from '@bitwright/core';
import { formatNumber } from '../terminal/format.js';
import { doubtOf, intervalText, noteOf } from './calibration-text.js';

export type ProfileFacts = {
  /** Of the new accelerator. */
  readonly name: string;
  /** What it was fitted to: a file's name. */
  readonly measurements: string;
  /** Year, month and day. */
  readonly date: string;
};

/** The fitted profile as a file, with what it was fitted to, its held-out errors, and what is not told. */
export function calibratedProfile(calibration: Calibration, facts: ProfileFacts): string {
  const { profile, findings } = calibration;
  const told = findings.filter(({ status }) => status !== 'kept');
  return formatProfile(profile, {
    name: facts.name,
    validation: validationOf(calibration, facts),
    heading: headingOf(calibration, facts),
    remarks: Object.fromEntries(told.map((finding) => [finding.constant.name, remarkOf(finding)])),
  });
}

function validationOf({ metrics }: Calibration, { measurements, date }: ProfileFacts): readonly ValidationFigure[] {
  return metrics.map(({ metric, costs, shapes, heldOut }) => ({
    source: `${measurements}, ${costs} costs of ${shapes} layer shapes, ${date}: mean over shapes held out of the fit`,
    metric,
    errorPercent: Number(heldOut.meanErrorPercent.toPrecision(3)),
  }));
}

function headingOf({ findings, metrics }: Calibration, { measurements, date }: ProfileFacts): readonly string[] {
  return [
    `Fitted to ${measurements} on ${date} by \`bitwright hardware calibrate\`.`,
    ...metrics.flatMap((fit) => doubtOf(fit) ?? []),
    ...findings.map((finding) => noteOf(finding) ?? `${finding.constant.name}: ${remarkOf(finding)}`),
  ];
}

function remarkOf(finding: Finding): string {
  return `${finding.status}, ${intervalText(finding)} ${finding.constant.unit}; was ${formatNumber(finding.constant.value)}`;
}
