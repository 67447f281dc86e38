/** Version of the whole: one for all packages. */
export const VERSION = '0.1.0';
