import process from 'node:process';

/** One thread for each child, its own (-1): as fast for small networks as more, and results do not depend on timing. */
const ONE_THREAD = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '-1',
  OMP_NUM_THREADS: '1',
  TF_CPP_MIN_LOG_LEVEL: '3',
  TF_ENABLE_ONEDNN_OPTS: '1',
};

/** Large pages for large tensors: about a tenth off a training step. Ignored where the C library does not know it. */
const LARGE_PAGES = 'glibc.malloc.hugetlb=1';

/** What a child that runs TensorFlow has in its environment besides its parent's. */
export function tensorflowEnvironment(): Readonly<Record<string, string>> {
  // biome-ignore lint/style/noProcessEnv: the child keeps what its parent was given.
  const { GLIBC_TUNABLES: given } = process.env;
  return { ...ONE_THREAD, GLIBC_TUNABLES: given === undefined ? LARGE_PAGES : `${LARGE_PAGES}:${given}` };
}
