import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { explainFailure, SetupFailure } from './failure.mjs';
import { hashInputs } from './input-hash.mjs';
import { checkoutFolder, getCacheFolder, getPackageFolder } from './paths.mjs';
import { canRun, runCommand } from './run-command.mjs';
import { readStamp, writeStamp } from './stamp.mjs';
import { locateLibrary } from './tensorflow.mjs';
import { addonNapiVersion } from './versions.mjs';

const addonFolder = getPackageFolder('@tensorflow/tfjs-node');
const stampFile = join(addonFolder, 'deps', '.bitwright-setup.json');
const kernelSources = 'libs/tensor/native';

/** What is compiled: tfjs-node's door to TensorFlow, and our own operations in it. Both lie where the package has its own. */
const addons = [
  {
    file: 'tfjs_binding.node',
    sources: () => ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(addonFolder, 'binding', name)),
    options: ['-O2', '-w'],
    key: () => `tfjs-node-${readVersion()}`,
  },
  {
    file: 'bitwright_kernels.node',
    sources: () =>
      readdirSync(join(checkoutFolder, kernelSources))
        .filter((name) => name.endsWith('.cc'))
        .map((name) => join(checkoutFolder, kernelSources, name)),
    options: ['-O3', '-fno-math-errno', '-fno-trapping-math', '-pthread', '-Wall', '-Wextra', '-Wno-psabi'],
    key: () => `kernels-${hashInputs([kernelSources]).slice(0, 16)}`,
  },
];

/** The step that joins tfjs-node and TensorFlow: builds its addon once, links library and addon into the package. */
export const addonStep = {
  name: 'TensorFlow addon for Node',
  isDone: () =>
    readStamp(stampFile) === getStampKey() &&
    addons.every(({ file }) => existsSync(getInstalledFile(file))) &&
    existsSync(join(addonFolder, 'deps/lib')),
  check: () => {
    if (!addons.every((addon) => existsSync(getCachedFile(addon)))) findCompiler();
  },
  run: installAddons,
};

function readVersion() {
  const manifest = join(addonFolder, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : 'absent';
}

const getStampKey = () => addons.map(getAddonKey).join(' ');

function getAddonKey(addon) {
  return `${addon.key()}-napi${addonNapiVersion}-${process.platform}-${process.arch}-tf-${locateLibrary().key}`;
}

function getCachedFile(addon) {
  return join(getCacheFolder(), 'addons', getAddonKey(addon), addon.file);
}

function getInstalledFile(file) {
  return join(addonFolder, 'lib', `napi-v${addonNapiVersion}`, file);
}

function findCompiler() {
  const compiler = [process.env.CXX, 'g++', 'clang++', 'c++'].find((program) => program && canRun(program));
  if (compiler) return compiler;
  throw new SetupFailure(
    'No C++ compiler was found; install one (Debian and Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++) or name it in CXX, and run the command again.',
  );
}

async function installAddons(progress) {
  for (const addon of addons) {
    if (!existsSync(getCachedFile(addon))) await buildAddon(addon, progress);
  }
  linkLibrary();
  for (const addon of addons) {
    const installed = getInstalledFile(addon.file);
    mkdirSync(dirname(installed), { recursive: true });
    // Never written over: a process that runs it would crash.
    copyFileSync(getCachedFile(addon), `${installed}.part`);
    renameSync(`${installed}.part`, installed);
  }
  progress.note('starting TensorFlow');
  await checkBackend();
  writeStamp(stampFile, getStampKey());
}

/** A few files need no build system; calling the compiler spares users make, node-gyp, Python and Node's headers. */
async function buildAddon(addon, progress) {
  const library = locateLibrary().folder;
  const target = getCachedFile(addon);
  const includes = [join(library, 'include'), join(getPackageFolder('node-api-headers'), 'include')];
  mkdirSync(dirname(target), { recursive: true });
  const part = `${target}.part-${process.pid}`;
  const options = ['-std=gnu++17', '-fPIC', '-shared', `-DNAPI_VERSION=${addonNapiVersion}`, ...addon.options];
  // Relative to the addon, so that one build serves every checkout.
  const linking = ['-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  const args = [...options, '-DBUILDING_NODE_EXTENSION', ...includes.map((folder) => `-isystem${folder}`)];
  progress.note(`compiling ${addon.file}`);
  const result = await runCommand(
    findCompiler(),
    [...args, ...addon.sources(), `-L${join(library, 'lib')}`, ...linking, '-o', part],
    { log: 'addon' },
  );
  if (result.code !== 0) {
    throw explainFailure(result.output, {
      task: 'compile the TensorFlow addon',
      remedy: 'see .cache/setup/addon.log, install a newer C++ compiler (GCC 8 or later) and run the command again',
    });
  }
  renameSync(part, target);
}

/** A link, not a copy: the library takes 0.9 GB. */
function linkLibrary() {
  const deps = join(addonFolder, 'deps');
  mkdirSync(deps, { recursive: true });
  rmSync(join(deps, 'lib'), { recursive: true, force: true });
  symlinkSync(join(locateLibrary().folder, 'lib'), join(deps, 'lib'));
}

async function checkBackend() {
  const script = "console.log('backend=' + require('@tensorflow/tfjs-node').getBackend())";
  const result = await runCommand(process.execPath, ['-e', script], {
    log: 'backend',
    cwd: addonFolder,
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  if (result.output.includes('backend=tensorflow')) return;
  throw explainFailure(result.output, {
    task: 'start TensorFlow in Node',
    remedy:
      'see .cache/setup/backend.log; if the library is at fault, delete it from the cache and run the command again',
  });
}
