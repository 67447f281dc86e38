import { resolve } from 'node:path';
import type { IntegerRealization, WorkProgress } from '@bitwright/core';
import type { Evaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import { REALIZE_FLAGS, type RealizeFlags } from '../flags/realize-flags.js';
import { withModelEvaluators } from '../hardware/network-layers.js';
import { printJson, printLine } from '../print.js';
import { describeRealization } from '../realize/realization-text.js';
import { requireRealizeFlags, toRealizeRequest } from '../realize/realize-request.js';
import { stoppedText } from '../realize/stopped-text.js';
import { createTrialLog, type TrialLog } from '../realize/trial-log.js';
import { createWorkProgressView } from '../realize/work-progress-view.js';
import { prepareFile, saveArtifact } from '../search/save-result.js';
import { stoppedError } from '../stopped-error.js';
import type { Surroundings } from '../surroundings.js';

/** `bitwright realize`. */
export const realizeCommand = defineCommand({
  name: 'realize',
  description: 'a trained network in integers on some hardware, its bits searched as HAGO does: ONNX model and log',
  flags: { ...REALIZE_FLAGS, ...EVALUATOR_FLAGS },
  examples: [
    'bitwright realize --network resnet-20 --image-size 32 --classes 10 --dataset fashion-mnist',
    'bitwright realize … --specification int8-accelerator-int16 --search greedy --log strategy.jsonl',
    'bitwright realize … --specification my-npu.yaml --replay strategy.jsonl --out model.onnx',
  ],
  run: async ({ flags, json, surroundings }) => {
    requireRealizeFlags(flags);
    const { 'hardware-address': hardware, 'quantizer-address': quantizer } = flags;
    const paths = {
      model: await prepareFile('out', flags.out, surroundings.folder),
      log: await prepareFile('log', flags.log, surroundings.folder),
    };
    const world = withOwnHardware(flags, hardware, surroundings);
    const signal = world.interrupted();
    await withModelEvaluators(flags, { hardware, quantizer }, world, async (evaluators) => {
      signal.throwIfAborted();
      const log = paths.log === undefined ? undefined : createTrialLog(paths.log);
      const result = await realize(evaluators, flags, { world, json, signal, log });
      const files = await saveFiles(result, evaluators, paths, isWritten(log, result, flags, world));
      if (json) printJson(world.stdout, { ...result, files });
      else printLine(world.stdout, describeRealization(result, files));
    });
    return EXIT_CODES.ok;
  },
});

type Run = {
  readonly world: Surroundings;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly log: TrialLog | undefined;
};

/** Says what is kept of a realization that does not come to its end. */
async function realize(evaluators: Evaluators, flags: RealizeFlags, run: Run): Promise<IntegerRealization> {
  const { world, signal, log } = run;
  try {
    return await realizeWatched(evaluators, flags, run);
  } catch (error) {
    const kept = stoppedText(flags, log?.count());
    if (signal.aborted) throw stoppedError(kept);
    if (log !== undefined && log.count() > 0) printLine(world.stderr, kept);
    throw error;
  } finally {
    log?.close();
  }
}

async function realizeWatched(evaluators: Evaluators, flags: RealizeFlags, { world, json, signal, log }: Run) {
  const view = createWorkProgressView(world.stderr, json);
  const onProgress = ({ logLines = [], ...progress }: WorkProgress) => {
    log?.add(logLines);
    view.show(progress);
  };
  try {
    const request = await toRealizeRequest(evaluators, flags, world.folder, { signal, onProgress });
    return await evaluators.quantizer.realizeIntegers(request, { signal, onProgress });
  } finally {
    view.stop();
  }
}

/** Whether the log is whole already: it came line by line, or it is the one that was replayed. */
function isWritten(
  log: TrialLog | undefined,
  { trials }: IntegerRealization,
  { replay, log: name }: RealizeFlags,
  { folder }: Surroundings,
): boolean {
  if (replay !== undefined && name !== undefined) return resolve(folder, replay) === resolve(folder, name);
  return log?.count() === trials;
}

type RealizedFiles = { readonly model: string | undefined; readonly log: string | undefined };

async function saveFiles(
  { onnxDigest, logDigest }: IntegerRealization,
  { artifacts }: Evaluators,
  { model, log }: RealizedFiles,
  isLogWritten: boolean,
): Promise<RealizedFiles> {
  if (model !== undefined) await saveArtifact(artifacts, onnxDigest, model);
  if (log !== undefined && !isLogWritten) await saveArtifact(artifacts, logDigest, log);
  return { model, log };
}
