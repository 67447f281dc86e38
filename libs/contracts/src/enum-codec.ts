import { invalidField } from '@bitwright/core';

/** A closed set of names and its enum on the wire, where 0 means "not said". */
export type EnumCodec<Name extends string, Wire extends number> = {
  toWire(name: Name): Wire;
  /** `undefined` becomes 0. */
  toWireOptional(name: Name | undefined): Wire;
  /** Throws `invalid_argument` for 0 and for numbers that this version does not know. */
  fromWire(value: Wire, field: string): Name;
  /** As `fromWire`; 0 becomes `undefined`. */
  fromWireOptional(value: Wire, field: string): Name | undefined;
};

/** The record is complete by its type: a new name does not compile until it has a number. */
export function createEnumCodec<Name extends string, Wire extends number>(
  numbers: Readonly<Record<Name, Wire>>,
): EnumCodec<Name, Wire> {
  const names = new Map(Object.entries(numbers).map(([name, number]) => [number as Wire, name as Name]));
  const fromWire = (value: Wire, field: string): Name => {
    const name = names.get(value);
    if (name !== undefined) return name;
    const choices = [...names].map(([number, choice]) => `${number} (${choice})`).join(', ');
    throw invalidField(field, `is ${value}; use one of ${choices}`, 'ENUM');
  };
  return {
    toWire: (name) => numbers[name],
    toWireOptional: (name) => (name === undefined ? (0 as Wire) : numbers[name]),
    fromWire,
    fromWireOptional: (value, field) => (value === 0 ? undefined : fromWire(value, field)),
  };
}
