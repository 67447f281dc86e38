import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The package that composes services: new ones stand before it. */
const NEXT = 'services/embedded';
const LINE_WIDTH = 120;

/**
 * The files that list packages, with the new one in its place. Throws when one of them has no such place.
 *
 * @param {string} folder `services/hardware-my-npu`
 * @param {{ name: string, version: string, dependencies: Record<string, string> }} manifest its package.json
 * @param {string} checkout
 * @returns {Promise<readonly { path: string, text: string }[]>}
 */
export async function listPackage(folder, manifest, checkout) {
  const rewritten = async (file, rewrite) => {
    const path = join(checkout, file);
    return { path, text: rewrite(await readFile(path, 'utf8')) };
  };
  return Promise.all([
    rewritten('tsconfig.json', (text) => addProject(text, folder)),
    rewritten('.dependency-cruiser.cjs', (text) => addRule(text, folder, Object.keys(manifest.dependencies))),
    rewritten('package-lock.json', (text) => addToLockfile(text, folder, manifest)),
  ]);
}

function addProject(text, folder) {
  const config = JSON.parse(text);
  const place = config.references.findIndex(({ path }) => path === `./${NEXT}`);
  if (place < 0) throw new Error(`tsconfig.json lists no ./${NEXT}, before which ./${folder} belongs`);
  return formatJson({ ...config, references: config.references.toSpliced(place, 0, { path: `./${folder}` }) });
}

/** What it depends on is what it may import. */
function addRule(text, folder, dependencies) {
  const next = `  '${NEXT}': [`;
  if (!text.includes(next))
    throw new Error(`.dependency-cruiser.cjs has no line for ${NEXT}, before which ${folder} belongs`);
  const imports = dependencies.map((name) => `'${name.replace('@bitwright/', 'libs/')}'`);
  const line = `  '${folder}': [${imports.join(', ')}],\n`;
  const lines = `  '${folder}': [\n${imports.map((name) => `    ${name},\n`).join('')}  ],\n`;
  return text.replace(next, `${line.length > LINE_WIDTH + 1 ? lines : line}${next}`);
}

/** As npm would, but without what else npm would change: entries for systems that this one is not. */
function addToLockfile(text, folder, { name, version, dependencies }) {
  const lockfile = JSON.parse(text);
  const linked = insertSorted(Object.entries(lockfile.packages), `node_modules/${name}`, {
    resolved: folder,
    link: true,
  });
  const packages = insertSorted(linked, folder, { name, version, dependencies });
  return formatJson({ ...lockfile, packages: Object.fromEntries(packages) });
}

function insertSorted(entries, key, value) {
  const place = entries.findIndex(([other]) => other > key);
  return entries.toSpliced(place < 0 ? entries.length : place, 0, [key, value]);
}

const formatJson = (value) => `${JSON.stringify(value, undefined, 2)}\n`;
