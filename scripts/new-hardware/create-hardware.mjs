import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
  const folder = join(fileURLToPath(root), 'services', `hardware-${name}`);
  if (await exists(folder)) return refuse(`services/hardware-${name} is there already; choose another name`);
  const packages = await listedPackages(name, root);
  await copyTemplate(name, folder);
  for (const { path, text } of packages) await writeFile(path, text);
  return { isMade: true, text: nextSteps(name) };
}

/** Complete, or not at all: it is made beside its place and moved. */
async function copyTemplate(name, folder) {
  const draft = `${folder}.draft-${process.pid}`;
  try {
    await mkdir(draft, { recursive: true });
    await cp(TEMPLATE, draft, { recursive: true });
    for (const file of await filesOf(draft)) {
      await writeFile(file, (await readFile(file, 'utf8')).replaceAll('NAME', name));
    }
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The lists of packages with the new one in its place, before the package that composes services. */
async function listedPackages(name, root) {
  const path = (file) => join(fileURLToPath(root), file);
  const projects = JSON.parse(await readFile(path('tsconfig.json'), 'utf8'));
  const before = projects.references.findIndex((reference) => reference.path === './services/embedded');
  projects.references.splice(before, 0, { path: `./services/hardware-${name}` });
  const rules = await readFile(path('.dependency-cruiser.cjs'), 'utf8');
  const imports = ['libs/core', 'libs/hardware-kit', 'libs/hardware-server', 'libs/service-kit'];
  const rule = `  'services/hardware-${name}': ['${imports.join("', '")}'],\n`;
  return [
    { path: path('tsconfig.json'), text: `${JSON.stringify(projects, undefined, 2)}\n` },
    {
      path: path('.dependency-cruiser.cjs'),
      text: rules.replace("  'services/embedded': [", `${rule}  'services/embedded': [`),
    },
  ];
}

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

const nextSteps = (name) => `services/hardware-${name} is made. Next:
  1. npm run setup                                  links the new package
  2. services/hardware-${name}/src/parameters.ts    your numbers, each with its source
  3. services/hardware-${name}/src/cost.ts          what a layer costs
  4. npx vitest run services/hardware-${name}       the contract of every model
  5. node --conditions=@bitwright/source --import tsx services/hardware-${name}/src/main.ts --listen 127.0.0.1:7100
  6. npx bitwright hardware check 127.0.0.1:7100    the contract of every service
  7. npx bitwright hardware tabulate --network mobilenet-v2 --hardware ${name} --hardware-address 127.0.0.1:7100`;
