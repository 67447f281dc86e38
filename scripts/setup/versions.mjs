/** Everything that set-up fetches by itself, with the size and digest that it must have. */

/** TensorFlow's C library. Built for C++ ABI and glibc, not for a Python: the Python version only names the file. */
export const tensorflowWheel = {
  name: 'tensorflow-cpu',
  version: '2.21.0',
  python: '3.11',
  platform: 'manylinux_2_27_x86_64',
  sizeBytes: 273_829_956,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
};

/** N-API versions are promises of Node's: an addon of version 8 runs on Node 20 and 22 alike. */
export const addonNapiVersion = 8;

/** Node's major versions that tfjs-node starts on: 23 dropped a function that it calls. */
export const supportedNodeMajors = [20, 22];
