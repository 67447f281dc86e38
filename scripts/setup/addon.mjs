import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explainFailure, SetupFailure } from './failure.mjs';
import { getCacheFolder, getPackageFolder } from './paths.mjs';
import { canRun, runCommand } from './run-command.mjs';
import { readStamp, writeStamp } from './stamp.mjs';
import { locateLibrary } from './tensorflow.mjs';
import { addonNapiVersion } from './versions.mjs';

const addonFolder = getPackageFolder('@tensorflow/tfjs-node');
const stampFile = join(addonFolder, 'deps', '.bitwright-setup.json');
const addonFile = join(addonFolder, 'lib', `napi-v${addonNapiVersion}`, 'tfjs_binding.node');

/** The step that joins tfjs-node and TensorFlow: builds its addon once, links library and addon into the package. */
export const addonStep = {
  name: 'TensorFlow addon for Node',
  isDone: () =>
    readStamp(stampFile) === getAddonKey() && existsSync(addonFile) && existsSync(join(addonFolder, 'deps/lib')),
  check: () => {
    if (!existsSync(join(getAddonCache(), 'tfjs_binding.node'))) findCompiler();
  },
  run: installAddon,
};

function getAddonKey() {
  const manifest = join(addonFolder, 'package.json');
  const version = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : 'absent';
  return `tfjs-node-${version}-napi${addonNapiVersion}-${process.platform}-${process.arch}-tf-${locateLibrary().key}`;
}

function getAddonCache() {
  return join(getCacheFolder(), 'addons', getAddonKey());
}

function findCompiler() {
  const compiler = [process.env.CXX, 'g++', 'clang++', 'c++'].find((program) => program && canRun(program));
  if (compiler) return compiler;
  throw new SetupFailure(
    'No C++ compiler was found; install one (Debian and Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++) or name it in CXX, and run the command again.',
  );
}

async function installAddon(progress) {
  const built = join(getAddonCache(), 'tfjs_binding.node');
  if (!existsSync(built)) await buildAddon(built, progress);
  linkLibrary();
  mkdirSync(dirname(addonFile), { recursive: true });
  copyFileSync(built, addonFile);
  progress.note('starting TensorFlow');
  await checkBackend();
  writeStamp(stampFile, getAddonKey());
}

/** Two files need no build system; calling the compiler spares users make, node-gyp, Python and Node's headers. */
async function buildAddon(target, progress) {
  const library = locateLibrary().folder;
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(addonFolder, 'binding', name));
  const includes = [join(library, 'include'), join(getPackageFolder('node-api-headers'), 'include')];
  mkdirSync(dirname(target), { recursive: true });
  const part = `${target}.part-${process.pid}`;
  const options = ['-std=gnu++17', '-O2', '-fPIC', '-shared', '-w', `-DNAPI_VERSION=${addonNapiVersion}`];
  // Relative to the addon, so that one build serves every checkout.
  const linking = ['-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  const args = [...options, '-DBUILDING_NODE_EXTENSION', ...includes.map((folder) => `-I${folder}`), ...sources];
  progress.note('compiling');
  const result = await runCommand(findCompiler(), [...args, `-L${join(library, 'lib')}`, ...linking, '-o', part], {
    log: 'addon',
  });
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
