import type { ServiceProcess } from '@bitwright/service-kit';

/** Where text goes, and whether a person watches. */
export type Output = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** All that the program knows of the world around it; `main.ts` hands in the real one. */
export type Surroundings = {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start. */
  readonly folder: string;
  /** Starts to listen for Ctrl-C; the signal fires at the first. */
  readonly interrupted: () => AbortSignal;
  /** For `serve`, which handles signals in its own way. */
  readonly process: ServiceProcess;
};
