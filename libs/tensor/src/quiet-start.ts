/** oneDNN's kernels pay off for convolutions; small matrix products are as fast without, and its start-up line cannot be silenced. */
const QUIET = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0' };

/**
 * Lets TensorFlow start without a word on standard error, in a process that does not train with it. To be called
 * before it is loaded; what the environment says already stays.
 */
export function startQuietly(): void {
  for (const [name, value] of Object.entries(QUIET)) {
    // biome-ignore lint/style/noProcessEnv: TensorFlow reads its environment when it is loaded; there is no other way.
    process.env[name] ??= value;
  }
}
