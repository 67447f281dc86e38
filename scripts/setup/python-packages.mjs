import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure, SetupFailure } from './failure.mjs';
import { fillFolder, watchFolder } from './folders.mjs';
import { getCacheFolder } from './paths.mjs';
import { canRun, runCommand } from './run-command.mjs';
import { pythonPackages as packages } from './versions.mjs';

const [grpc] = packages.wheels;
const versions = `${packages.oldestPython.join('.')} to ${packages.newestPython.join('.')}`;
const advice = `install Python ${versions} with pip (Debian and Ubuntu: apt-get install python3-pip), or name one in BITWRIGHT_PYTHON, and run the command again`;

/** The step that provides gRPC for Python, for the example of a hardware backend; only tests need it. */
export const pythonPackagesStep = {
  name: 'gRPC for Python, for the tests',
  detail: `${grpc.name} ${grpc.version}`,
  isDone: () => hasPackages(askPython()),
  check: checkPossible,
  space: () => ({ folder: getCacheFolder(), bytes: packages.sizeBytes + packages.unpackedBytes }),
  run: installPackages,
};

const getPython = (environment = process.env) => environment.BITWRIGHT_PYTHON || 'python3';

/** The interpreter's version and tag (`cpython-311`); undefined when there is none. */
export function askPython(environment = process.env) {
  const script = 'import sys; print(sys.implementation.cache_tag, *sys.version_info[:2])';
  const { status, stdout } = spawnSync(getPython(environment), ['-c', script], { encoding: 'utf8', timeout: 30_000 });
  const [tag, major, minor] = (stdout ?? '').trim().split(' ');
  return status === 0 && minor ? { tag, version: [Number(major), Number(minor)] } : undefined;
}

/** Packages for one interpreter do not work with another. The test library follows the same rule: change both. */
export function getPackagesFolder({ tag }, environment = process.env) {
  return join(getCacheFolder(environment), 'python-packages', `${grpc.name}-${grpc.version}-${tag}`);
}

function hasPackages(python) {
  return python !== undefined && existsSync(join(getPackagesFolder(python), 'grpc_health'));
}

function checkPossible() {
  const python = askPython();
  if (!python) throw new SetupFailure(`The tests need Python and ${getPython()} could not be run; ${advice}.`);
  if (!isKnown(python)) {
    throw new SetupFailure(`The tests need another Python than ${getPython()}, which is ${python.tag}; ${advice}.`);
  }
  if (!canRun(getPython(), ['-m', 'pip', '--version'])) {
    throw new SetupFailure(`The tests need pip and ${getPython()} has none; ${advice}.`);
  }
}

function isKnown({ tag, version: [major, minor] }) {
  const [oldest, newest] = [packages.oldestPython[1], packages.newestPython[1]];
  return tag.startsWith('cpython-') && major === 3 && minor >= oldest && minor <= newest;
}

async function installPackages(progress) {
  await fillFolder(getPackagesFolder(askPython()), async (part) => {
    // pip downloads and unpacks below its temporary folder first: watching that shows progress.
    const temporary = join(part, 'tmp');
    mkdirSync(temporary);
    const requirements = join(temporary, 'requirements.txt');
    writeFileSync(requirements, listRequirements());
    const onBytes = (bytes) => progress.bytes('installed', bytes, packages.sizeBytes + packages.unpackedBytes);
    const result = await watchFolder(part, onBytes, () => runPip(part, requirements, temporary));
    if (result.code !== 0) throw explainPip(result.output);
    rmSync(temporary, { recursive: true, force: true });
  });
}

function listRequirements() {
  const lines = packages.wheels.map(({ name, version, sha256 }) =>
    [`${name}==${version}`, ...sha256.map((digest) => `--hash=sha256:${digest}`)].join(' '),
  );
  return `${lines.join('\n')}\n`;
}

function runPip(target, requirements, temporary) {
  const rules = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--no-compile', '--no-cache-dir'];
  const args = ['-m', 'pip', 'install', ...rules, '--progress-bar', 'off', '--target', target, '-r', requirements];
  const env = {
    TMPDIR: temporary,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    PIP_ROOT_USER_ACTION: 'ignore',
  };
  return runCommand(getPython(), args, { log: 'pip-grpcio', env });
}

function explainPip(output) {
  return explainFailure(output, {
    task: `install ${grpc.name} ${grpc.version} with pip`,
    remedy: `use an index that has it (PIP_INDEX_URL), or another Python (BITWRIGHT_PYTHON: ${versions}), and run the command again`,
    usesNetwork: true,
  });
}
