/** Bounds how much has been asked and not yet answered. */
export type InFlightWindow = {
  /** Waits for room and takes it; false once the window is closed. */
  enter(): Promise<boolean>;
  /** Gives room back. */
  leave(): void;
  /** Lets every waiter go empty-handed. */
  close(): void;
};

/** A window of `size` places; one waiter at a time, as a stream has one writer. */
export function createInFlightWindow(size: number): InFlightWindow {
  let free = size;
  let closed = false;
  let wake = () => {};
  return {
    enter: async () => {
      while (free === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      free -= 1;
      return !closed;
    },
    leave: () => {
      free += 1;
      wake();
    },
    close: () => {
      closed = true;
      wake();
    },
  };
}
