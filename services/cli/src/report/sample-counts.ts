import type { Report } from '@bitwright/core';

type Measured = Pick<Report, 'provenance'>;

/** What final accuracies are measured on: `500 of 10,000 test images`. */
export function testImagesText({ provenance: { splits, spec } }: Measured): string {
  return imagesText('test', splits.test, spec.finalFidelity.validationSamples);
}

/** What exported models are checked on. */
export function allTestImagesText({ provenance: { splits } }: Measured): string {
  return imagesText('test', splits.test, 0);
}

/** What a search measures its policies on before the final fine-tuning. */
export function validationImagesText({ provenance: { splits, spec } }: Measured): string {
  return imagesText('validation', splits.validation, spec.trialFidelity.validationSamples);
}

/** Asking for 0 means all of them. */
function imagesText(split: string, there: number, asked: number): string {
  const all = there.toLocaleString('en');
  return asked === 0 || asked >= there
    ? `all ${all} ${split} images`
    : `${asked.toLocaleString('en')} of ${all} ${split} images`;
}
