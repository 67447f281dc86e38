import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { downloadDebianPackage } from './debian-package.mjs';
import { SetupFailure } from './failure.mjs';
import { fillFolder } from './folders.mjs';
import { getDataFolder } from './paths.mjs';
import { canRun } from './run-command.mjs';
import { fashionMnist } from './versions.mjs';

const getFolder = () => join(getDataFolder(), 'fashion-mnist');
const ownFolderAdvice = `set BITWRIGHT_FASHION_MNIST to a folder with ${Object.keys(fashionMnist.files).join(', ')} (gzipped or not)`;

/** The step that provides Fashion-MNIST as four gzipped IDX files. */
export const fashionMnistStep = {
  name: 'Data set Fashion-MNIST',
  detail: '70,000 images',
  isDone: () => Object.keys(fashionMnist.files).every((name) => existsSync(join(getFolder(), `${name}.gz`))),
  check: checkPossible,
  space: () => ({ folder: getDataFolder(), bytes: 3 * fashionMnist.packageBytes }),
  run: installDataSet,
};

function checkPossible() {
  if (process.env.BITWRIGHT_FASHION_MNIST) return;
  if (canRun('apt-get') && canRun('dpkg-deb')) return;
  throw new SetupFailure(
    `Fashion-MNIST comes from Debian's package ${fashionMnist.package} and apt-get was not found; ${ownFolderAdvice} and run the command again.`,
  );
}

async function installDataSet(progress) {
  const own = process.env.BITWRIGHT_FASHION_MNIST;
  // An older, incomplete folder would keep the new one from taking its name.
  rmSync(getFolder(), { recursive: true, force: true });
  await fillFolder(getFolder(), async (part) => {
    if (own) return copyVerified(own, part, `the folder in BITWRIGHT_FASHION_MNIST, ${own},`);
    const work = join(part, 'work');
    mkdirSync(work);
    const unpacked = await downloadDebianPackage(fashionMnist.package, work, {
      onBytes: (bytes) => progress.bytes('downloaded', bytes, fashionMnist.packageBytes),
      remedy: `add Debian's main or Ubuntu's universe archive to apt's sources, or ${ownFolderAdvice}, and run the command again`,
    });
    copyVerified(join(unpacked, fashionMnist.folderInPackage), part, `Debian's package ${fashionMnist.package}`);
    rmSync(work, { recursive: true });
  });
}

/** The digest is that of the images themselves: gzip may pack the same bytes in more than one way. */
export function copyVerified(source, target, origin, { files = fashionMnist.files } = {}) {
  for (const [name, sha256] of Object.entries(files)) {
    const bytes = readPlain(source, name);
    if (!bytes) throw new SetupFailure(`Of Fashion-MNIST, ${origin} lacks ${name}(.gz); ${ownFolderAdvice}.`);
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new SetupFailure(
        `The file ${name} in ${origin} is not that of Fashion-MNIST (its SHA-256 differs); ${ownFolderAdvice}.`,
      );
    }
    writeFileSync(join(target, `${name}.gz`), packed(source, name) ?? gzipSync(bytes));
  }
}

function readPlain(folder, name) {
  const gzipped = packed(folder, name);
  if (gzipped) return unpackQuietly(gzipped);
  return existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined;
}

/** A damaged file reads as an empty one: the digest then says what is wrong. */
function unpackQuietly(gzipped) {
  try {
    return gunzipSync(gzipped);
  } catch {
    return Buffer.alloc(0);
  }
}

function packed(folder, name) {
  const file = join(folder, `${name}.gz`);
  return existsSync(file) ? readFileSync(file) : undefined;
}
