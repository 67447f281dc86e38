import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listPackage } from './list-package.mjs';

const TEMPLATE = fileURLToPath(new URL('./template', import.meta.url));
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 60;

/**
 * Makes `services/hardware-<name>` of the template and lists it where packages are listed. Gives a sentence or two, and
 * whether it was made; what is refused leaves nothing behind.
 *
 * @param {string} name
 * @param {URL} root of the checkout
 * @returns {Promise<{ isMade: boolean, text: string }>}
 */
export async function createHardware(name, root) {
  const refuse = (text) => ({ isMade: false, text });
  if (!NAME.test(name) || name.length > LONGEST_NAME)
    return refuse(`"${name}" is no name for hardware; use lower-case words with hyphens, for example my-npu`);
  const checkout = fileURLToPath(root);
  // A library's folder counts too: two packages of one name do not install.
  for (const folder of [`libs/hardware-${name}`, `services/hardware-${name}`]) {
    if (await exists(join(checkout, folder))) return refuse(`${folder} is there already; choose another name`);
  }
  const manifest = JSON.parse(fillIn(await readFile(join(TEMPLATE, 'package.json'), 'utf8'), name));
  const lists = await listPackage(`services/hardware-${name}`, manifest, checkout);
  await copyTemplate(name, checkout);
  for (const { path, text } of lists) await writeFile(path, text);
  return { isMade: true, text: nextSteps(name) };
}

/** Complete, or not at all: it is made where npm does not look for packages, and moved. */
async function copyTemplate(name, checkout) {
  await mkdir(join(checkout, '.cache'), { recursive: true });
  const draft = await mkdtemp(join(checkout, '.cache', 'new-hardware-draft-'));
  try {
    const made = join(draft, name);
    await cp(TEMPLATE, made, { recursive: true });
    for (const file of await filesOf(made)) await writeFile(file, fillIn(await readFile(file, 'utf8'), name));
    await rename(made, join(checkout, 'services', `hardware-${name}`));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

const fillIn = (text, name) => text.replaceAll('NAME', name);

async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

const nextSteps = (name) => `services/hardware-${name} is made. Next:
  1. npm run setup
       links the new package
  2. services/hardware-${name}/src/parameters.ts
       your numbers, each with its source
  3. services/hardware-${name}/src/cost.ts
       what a layer costs
  4. npx vitest run services/hardware-${name}
       the contract of every model
  5. node --conditions=@bitwright/source --import tsx services/hardware-${name}/src/main.ts --listen 127.0.0.1:7100
       serves it
  6. npx bitwright hardware check 127.0.0.1:7100
       the contract of every service
  7. npx bitwright hardware tabulate --network mobilenet-v2 --hardware ${name} --hardware-address 127.0.0.1:7100
       what a network costs on it
docs/hardware/plug-in.md explains them.`;
