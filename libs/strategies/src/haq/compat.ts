/** Quirks of the reference implementation that can be switched on, each off by default. */
export const COMPAT_SWITCHES = [
  /** The wall prices the first layer's activations, once pinned ("input is already 8 bit", -1), at 7 bits. */
  'rawInputAsSevenBits',
  /** The first and last layer are forced to 8 bits only inside the over-budget loop; for spaces that pin no layer. */
  'pinOnlyOverBudget',
  /** The first state of an episode carries the first layer's last two columns from the episode before. */
  'keepEmbedding',
  /** The weight-or-activation flag is 0 for weights and 1 for activations. */
  'invertedFlag',
  /** The action map may give one bit less than the least (0 bits at a = 0); seen in the state, never in a proposal. */
  'unclampedAction',
  /** Replay holds the actor's actions, not those that the wall left of them. */
  'chosenActions',
  /** One more episode without updates: the reference starts after episode `warmUp`, counted from 0. */
  'inclusiveWarmUp',
] as const;

export type CompatSwitch = (typeof COMPAT_SWITCHES)[number];
export type Compat = Readonly<Record<CompatSwitch, boolean>>;
