import { addonStep } from './addon.mjs';
import { buildStep } from './build.mjs';
import { describeFailure } from './failure.mjs';
import { fashionMnistStep } from './fashion-mnist.mjs';
import { generateStep } from './generate.mjs';
import { withLock } from './lock.mjs';
import { natsServerStep } from './nats-server.mjs';
import { packagesStep } from './packages.mjs';
import { pythonPackagesStep } from './python-packages.mjs';
import { runSteps } from './run-steps.mjs';
import { tensorflowStep } from './tensorflow.mjs';

/** What a fresh machine lacks, in the order in which one thing needs another. */
const steps = [packagesStep, tensorflowStep, addonStep, fashionMnistStep, generateStep, buildStep];
const testSteps = [natsServerStep, pythonPackagesStep];

/** Sets up what is missing. Returns the exit code: 0, or 2 after a sentence on what the user must provide. */
export async function setUp({ forTests = false } = {}) {
  const wanted = forTests ? [...steps, ...testSteps] : steps;
  try {
    if (wanted.every((step) => step.isDone())) return 0;
    const onWait = (owner) => process.stderr.write(`Another set-up (process ${owner}) is at work; waiting for it.\n`);
    await withLock(() => runSteps(wanted), { onWait });
    return 0;
  } catch (error) {
    // Nobody can open the log of a machine that is gone by now.
    if (process.env.CI && error.output) process.stderr.write(`${error.output.trimEnd()}\n`);
    process.stderr.write(`${describeFailure(error)}\n`);
    return 2;
  }
}
