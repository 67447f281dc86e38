/**
 * Who may import whom: the table of ARCHITECTURE.md, one line a package. A package that is not listed may import none
 * of ours. External packages need no rule of their own here, except where only one place may have them: each
 * workspace declares what it uses, and knip compares.
 */
const mayImport = {
  'libs/core': [],
  'libs/quantizers': ['libs/core'],
  'libs/hardware-kit': ['libs/core'],
  'libs/cost-tables': ['libs/core', 'libs/hardware-kit', 'libs/npy'],
  'libs/table-builder': ['libs/core', 'libs/hardware-kit', 'libs/cost-tables', 'libs/onnx', 'libs/service-kit'],
  'libs/yaml-document': ['libs/core'],
  'libs/hago': ['libs/core', 'libs/yaml-document'],
  'libs/accelerators': ['libs/core', 'libs/hardware-kit', 'libs/cost-tables', 'libs/yaml-document'],
  'libs/worker-pool': ['libs/core'],
  'libs/calibration': ['libs/core', 'libs/hardware-kit', 'libs/cost-tables', 'libs/accelerators'],
  'libs/tensor': [],
  'libs/onnx': ['libs/core', 'libs/hago'],
  'libs/onnxruntime-cpu': ['libs/core', 'libs/hardware-kit', 'libs/onnx', 'libs/worker-pool'],
  'libs/zoo': ['libs/core', 'libs/onnx'],
  'libs/npy': [],
  'libs/datasets': ['libs/core', 'libs/npy'],
  'libs/strategies': ['libs/core', 'libs/hago', 'libs/tensor'],
  'libs/engine': [
    'libs/core',
    'libs/tensor',
    'libs/quantizers',
    'libs/hago',
    'libs/onnx',
    'libs/datasets',
    'libs/worker-pool',
  ],
  'libs/contracts': ['libs/core'],
  'libs/service-kit': ['libs/core', 'libs/contracts'],
  'libs/adapters': ['libs/core', 'libs/contracts', 'libs/service-kit'],
  'libs/hardware-server': ['libs/core', 'libs/hardware-kit', 'libs/adapters', 'libs/contracts', 'libs/service-kit'],
  'libs/client': ['libs/core', 'libs/contracts', 'libs/adapters', 'libs/service-kit'],
  'libs/testing': ['libs/core', 'libs/hardware-kit'],
  'services/agent': ['libs/core', 'libs/strategies', 'libs/adapters', 'libs/contracts', 'libs/service-kit'],
  'services/quantizer': [
    'libs/core',
    'libs/datasets',
    'libs/engine',
    'libs/zoo',
    'libs/adapters',
    'libs/contracts',
    'libs/service-kit',
  ],
  'services/hardware': [
    'libs/core',
    'libs/accelerators',
    'libs/cost-tables',
    'libs/hardware-kit',
    'libs/hardware-server',
    'libs/adapters',
    'libs/service-kit',
  ],
  'services/hardware-onnxruntime': [
    'libs/hardware-kit',
    'libs/hardware-server',
    'libs/onnxruntime-cpu',
    'libs/service-kit',
  ],
  'services/embedded': [
    'libs/core',
    'libs/service-kit',
    'services/agent',
    'services/quantizer',
    'services/hardware',
    'services/hardware-onnxruntime',
  ],
  'services/cli': [
    'libs/core',
    'libs/accelerators',
    'libs/calibration',
    'libs/client',
    'libs/cost-tables',
    'libs/service-kit',
    'libs/table-builder',
    'services/embedded',
  ],
};

const tests = '\\.test\\.ts$';

/** `libs/engine` becomes the rule `engine-imports-only-what-the-table-allows`. */
function limitImports([folder, allowed]) {
  return {
    name: `${folder.split('/')[1]}-imports-only-what-the-table-allows`,
    comment: `ARCHITECTURE.md lists what ${folder} may import: ${allowed.join(', ') || 'none of our packages'}.`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: tests },
    to: { path: '^(libs|services)/', pathNot: `^(${[folder, ...allowed].join('|')})/` },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'The domain does no I/O: it imports nothing but @noble/hashes, not even what Node brings along.',
      severity: 'error',
      from: { path: '^libs/core/', pathNot: tests },
      to: { pathNot: ['^libs/core/', 'node_modules/@noble/hashes/'] },
    },
    {
      name: 'only-tensor-imports-tensorflow',
      comment: 'Raw kernels, memory scopes and start-up live in one place.',
      severity: 'error',
      from: { path: '^(libs|services|test)/', pathNot: '^libs/tensor/' },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'services-are-islands',
      comment: 'Services meet over gRPC and NATS only; embedded alone composes them, and the command line starts it.',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: '^services/(embedded|cli)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'libraries-know-no-service',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^services/' },
    },
    {
      name: 'only-tests-import-testing',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: [tests, '^libs/testing/'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'packages-are-entered-by-their-exports',
      comment: 'A relative path into another package passes by the list of names in its index.',
      severity: 'error',
      from: { path: '^(libs|services)/([^/]+)/' },
      to: { path: '^(libs|services)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'what-is-imported-exists',
      severity: 'error',
      from: { pathNot: '(^|/)gen/' },
      to: { couldNotResolve: true },
    },
    ...Object.entries(mayImport).map(limitImports),
    {
      name: 'a-new-package-is-listed-in-the-table',
      comment: 'Add a line to mayImport in .dependency-cruiser.cjs and to the table in ARCHITECTURE.md.',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: `^(${Object.keys(mayImport).join('|')})/` },
      to: { path: '^(libs|services)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(libs|services)/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.check.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@bitwright/source', 'import', 'node', 'default', 'types'],
    },
  },
};
