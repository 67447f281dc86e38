/** What a field of a stored quantizer holds. */
type FieldKind = 'number' | 'boolean' | 'string' | 'numbers' | 'objects';

/** By the kind of quantizer, the fields that it has; see `checkpoint-file.ts`. */
type FieldsByKind = Readonly<Record<string, Readonly<Record<string, FieldKind>>>>;

const WEIGHTS: FieldsByKind = {
  float: {},
  linear: { grids: 'objects' },
  'k-means': { centroids: 'numbers' },
  levels: { levels: 'numbers', scales: 'numbers' },
  multipoint: { bits: 'number', counts: 'numbers', coefficients: 'numbers', codes: 'string' },
};
const ACTIVATIONS: FieldsByKind = {
  float: {},
  linear: { bits: 'number', signed: 'boolean', clip: 'number' },
  levels: { levels: 'numbers' },
};

/** Whether JSON, which anybody may have written, holds the quantizers of one layer. */
export function isStoredLayer(value: unknown): boolean {
  const { weight, activation } = (value ?? {}) as { readonly weight?: unknown; readonly activation?: unknown };
  return isOneOf(WEIGHTS, weight) && isOneOf(ACTIVATIONS, activation);
}

function isOneOf(kinds: FieldsByKind, value: unknown): boolean {
  const found = (value ?? {}) as Readonly<Record<string, unknown>>;
  const fields = Object.entries(kinds).find(([kind]) => kind === found['kind'])?.[1];
  return fields !== undefined && Object.entries(fields).every(([name, field]) => holds(field, found[name]));
}

function holds(field: FieldKind, value: unknown): boolean {
  switch (field) {
    case 'numbers':
      return Array.isArray(value) && value.every(Number.isFinite);
    case 'objects':
      return Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null);
    case 'number':
    case 'boolean':
    case 'string':
      return typeof value === field;
  }
}
