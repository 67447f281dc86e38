import { type ValidationFigure, VERSION } from '@bitwright/core';
import { Document, isMap, parseDocument } from 'yaml';
import type { TunableProfile } from './physical-constant.js';

export type ProfileChanges = {
  /** The accelerator's new name. */
  readonly name: string;
  /** Of the new numbers; figures of the old ones no longer hold. */
  readonly validation: readonly ValidationFigure[];
  /** Lines that stand above everything. */
  readonly heading: readonly string[];
  /** What stands behind a changed constant's value, by the constant's name. */
  readonly remarks: Readonly<Record<string, string>>;
};

/** A tuned profile as YAML; what its file says besides, comments included, stays as it is. */
export function formatProfile(profile: TunableProfile, { name, validation, heading, remarks }: ProfileChanges): string {
  const document = blockDocument(profile.text);
  document.setIn(['name'], name);
  for (const constant of profile.constants.filter((candidate) => remarks[candidate.name] !== undefined)) {
    for (const path of constant.paths) {
      const node = document.createNode(Number(constant.value.toPrecision(6)));
      // Entries of a list stand in one line, which a comment would end.
      if (path.length === 1) node.comment = ` ${remarks[constant.name]}`;
      document.setIn(path, node);
    }
  }
  document.setIn(['validation'], document.createNode(validation));
  document.commentBefore = [...heading, `Bitwright ${VERSION}`].map((line) => ` ${line}`).join('\n');
  return document.toString({ lineWidth: 0 });
}

/** Comments need lines: what was written as JSON becomes YAML. */
function blockDocument(text: string): Document {
  const document = parseDocument(text);
  return isMap(document.contents) && document.contents.flow === true ? new Document(document.toJS()) : document;
}
