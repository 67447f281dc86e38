import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutFolder } from './paths.mjs';

/** Made by tools, or read by tests and people only. */
const neverInput = /^(node_modules|dist|gen|\.turbo|fixtures)$|\.(test\.ts|md|onnx)$/;

/** A digest of the contents of files and folders, given relative to the checkout; what is absent counts as absent. */
export function hashInputs(paths, { root = checkoutFolder } = {}) {
  const hash = createHash('sha256');
  for (const path of paths) addPath(hash, root, path);
  return hash.digest('hex');
}

function addPath(hash, root, path) {
  const full = join(root, path);
  if (!existsSync(full)) hash.update(`${path} absent\0`);
  else if (statSync(full).isDirectory()) {
    const names = readdirSync(full).filter((name) => !neverInput.test(name));
    for (const name of names.sort()) addPath(hash, root, join(path, name));
  } else hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
}
