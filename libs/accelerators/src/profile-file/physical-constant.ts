import type { Accelerator } from '@bitwright/hardware-kit';

/** A number of a profile that measurements can tell: continuous, positive, of the device and not of its structure. */
export type PhysicalConstant = {
  /** Unique in its profile: the field, and for one of several entries which of them (`peaks:8/8`). */
  readonly name: string;
  /** The profile's field. */
  readonly field: string;
  readonly unit: string;
  /** The figure that it is fitted to. Constants of energy have no influence on latency. */
  readonly explains: 'latency' | 'energy';
  /** What is plausible for any device; ends included, positive, within what a profile file may say. */
  readonly low: number;
  readonly high: number;
  /** What the profile says now; 0 for an effect that it leaves out. */
  readonly value: number;
  /** Where the value stands in the profile's document; several entries may share one constant. */
  readonly paths: readonly (readonly (string | number)[])[];
  /** A measurement whose outcome depends on it, for people: goes on after "measure". */
  readonly identifiedBy: string;
};

/** New values of constants, by name. */
export type ConstantValues = Readonly<Record<string, number>>;

/** A model's declaration of its constants, beside the schema of its profile. */
export type ProfileConstants<Profile> = (profile: Profile) => {
  /** In the order of the profile, with the values that it has. */
  readonly constants: readonly PhysicalConstant[];
  /** The profile with other values; one that would make it invalid is moved to the nearest that does not. */
  set(values: ConstantValues): Profile;
};

/** A profile whose constants can be given other values: what a calibration works on. */
export type TunableProfile = {
  readonly accelerator: Accelerator;
  readonly constants: readonly PhysicalConstant[];
  /** The profile as its file says it, YAML or JSON, before anything was changed. */
  readonly text: string;
  /** The same with other values of some constants; those that are not named stay. Cheap. */
  tune(values: ConstantValues): TunableProfile;
};

/** What a model says of a constant whatever the profile. */
export type ConstantDeclaration = Pick<PhysicalConstant, 'unit' | 'explains' | 'low' | 'high' | 'identifiedBy'>;

/** Constants that are fields of their own. */
export function fieldConstants<Field extends string>(
  declarations: Readonly<Record<Field, ConstantDeclaration>>,
): <Profile extends Readonly<Record<Field, number>>>(profile: Profile) => ReturnType<ProfileConstants<Profile>> {
  const fields = Object.entries(declarations) as [Field, ConstantDeclaration][];
  return (profile) => ({
    constants: fields.map(([field, declaration]) => ({
      ...{ name: field, field, paths: [[field]], value: profile[field] },
      ...declaration,
    })),
    set: (values) => ({ ...profile, ...values }),
  });
}
