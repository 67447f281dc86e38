import { existsSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { fillFolder } from './folders.mjs';
import { getCacheFolder } from './paths.mjs';
import { downloadWheel, findPip } from './pip.mjs';
import { tensorflowWheel as wheel } from './versions.mjs';
import { extractMembers, listMembers } from './wheel.mjs';

/** What the addon is built and linked against; the wheel's other 1.5 GB are of no use here. */
const wantedMembers =
  /^tensorflow\/(lib(tensorflow_cc|tensorflow_framework)\.so\.2|include\/(tensorflow\/c\/|xla\/tsl\/c\/|(tensorflow\/core|tsl)\/platform\/(ctstring|platform\.h)|tensorflow\/core\/common_runtime\/next_pluggable_device\/c\/).*)$/;
/** Changes with what is kept of the wheel, so that a cache filled before is not taken for complete. */
const contents = 'kernels';
const unpackedBytes = 855_000_000;
const oldestGlibc = [2, 27];
const ownLibraryAdvice = "or point BITWRIGHT_LIBTENSORFLOW to a folder with TensorFlow's own lib/ and include/";

/** The library to use, `{ folder, key }`: the user's own when one is named, else the one in the cache. */
export function locateLibrary(environment = process.env) {
  const own = environment.BITWRIGHT_LIBTENSORFLOW;
  if (own) {
    const library = statSync(join(own, 'lib', 'libtensorflow.so'), { throwIfNoEntry: false });
    // A replaced library must not meet an addon that was built against the old one.
    return { folder: resolve(own), key: `own-${library?.size ?? 0}-${Math.round(library?.mtimeMs ?? 0)}` };
  }
  const key = `${wheel.version}-${wheel.platform}-${contents}`;
  return { folder: join(getCacheFolder(environment), 'tensorflow', key), key };
}

/** The step that provides TensorFlow's C library. */
export const tensorflowStep = {
  name: "TensorFlow's C library",
  detail: `${wheel.name} ${wheel.version}`,
  isDone: () => hasLibrary(locateLibrary().folder),
  check: checkPossible,
  space: () => ({ folder: getCacheFolder(), bytes: wheel.sizeBytes + unpackedBytes }),
  run: installLibrary,
};

function hasLibrary(folder) {
  const files = ['lib/libtensorflow.so', 'lib/libtensorflow_framework.so', 'include/tensorflow/c/kernels.h'];
  return files.every((file) => existsSync(join(folder, file)));
}

function checkPossible() {
  if (process.env.BITWRIGHT_LIBTENSORFLOW) {
    throw new SetupFailure(
      `BITWRIGHT_LIBTENSORFLOW points to ${process.env.BITWRIGHT_LIBTENSORFLOW}, which has no lib/libtensorflow.so, lib/libtensorflow_framework.so and include/tensorflow/c/kernels.h; correct or unset it and run the command again.`,
    );
  }
  if (!isWheelUsable(process)) {
    throw new SetupFailure(
      `TensorFlow's C library is fetched for 64-bit x86 Linux with glibc ${oldestGlibc.join('.')} or newer only; use such a machine, ${ownLibraryAdvice}.`,
    );
  }
  findPip();
}

function isWheelUsable({ platform, arch, report }) {
  if (platform !== 'linux' || arch !== 'x64') return false;
  const [major, minor] = (report.getReport().header.glibcVersionRuntime ?? '0.0').split('.').map(Number);
  return major > oldestGlibc[0] || (major === oldestGlibc[0] && minor >= oldestGlibc[1]);
}

async function installLibrary(progress) {
  const download = await downloadWheel(wheel, {
    remedy: `use an index that has it (PIP_INDEX_URL), ${ownLibraryAdvice}, and run the command again`,
    onBytes: (bytes) => progress.bytes('downloaded', bytes, wheel.sizeBytes),
  });
  await fillFolder(locateLibrary().folder, (part) => unpack(download.file, part, progress));
  rmSync(download.folder, { recursive: true, force: true });
}

async function unpack(file, part, progress) {
  const members = listMembers(realpathSync(file)).filter(({ name }) => wantedMembers.test(name) && !name.endsWith('/'));
  const total = members.reduce((sum, member) => sum + member.sizeBytes, 0);
  let done = 0;
  await extractMembers(file, members, part, {
    rename: (name) => name.replace(/^tensorflow\//, '').replace(/^lib(?=tensorflow)/, 'lib/lib'),
    onBytes: (bytes) => {
      done += bytes;
      progress.bytes('unpacked', done, total);
    },
  });
  // The names that a linker looks for. The C++ library exports the C interface too.
  symlinkSync('libtensorflow_cc.so.2', join(part, 'lib', 'libtensorflow.so'));
  symlinkSync('libtensorflow_framework.so.2', join(part, 'lib', 'libtensorflow_framework.so'));
}
