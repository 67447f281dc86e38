import type { LearnPrecisionRequest, LearnPrecisionResult, WorkOptions } from '@bitwright/core';
import type { Evaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { LEARN_FLAGS, type LearnFlags } from '../flags/learn-flags.js';
import { requireOneModel } from '../flags/model-flags.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import { withModelEvaluators } from '../hardware/network-layers.js';
import { requireLearnFlags, toLearnRequest } from '../learn/learn-request.js';
import { describeLearned, type LearnedFile } from '../learn/learned-text.js';
import { printJson, printLine } from '../print.js';
import { createWorkProgressView } from '../realize/work-progress-view.js';
import { prepareFile, saveArtifact } from '../search/save-result.js';
import { stoppedError } from '../stopped-error.js';
import type { Surroundings } from '../surroundings.js';

/** `bitwright learn`. */
export const learnCommand = defineCommand({
  name: 'learn',
  description: 'levels, ranges and bits of every layer learned by gradient while the network trains, as DDQ does',
  flags: { ...LEARN_FLAGS, ...EVALUATOR_FLAGS },
  examples: [
    'bitwright learn --network mobilenet-v2 --width 0.35 --image-size 32 --classes 10 --dataset fashion-mnist',
    'bitwright learn … --weight-bits 3 --activation-bits 4 --epochs 8 --out model.onnx',
    'bitwright learn … --hardware bismo-edge --budget "latency<=0.4x"',
  ],
  run: async ({ flags, json, surroundings }) => {
    requireOneModel(flags);
    requireLearnFlags(flags);
    const { 'hardware-address': hardware, 'quantizer-address': quantizer } = flags;
    const path = await prepareFile('out', flags.out, surroundings.folder);
    const world = withOwnHardware(flags, hardware, surroundings);
    const signal = world.interrupted();
    await withModelEvaluators(flags, { hardware, quantizer }, world, async (evaluators) => {
      signal.throwIfAborted();
      const { result, file } = await learn(evaluators, flags, path, { world, json, signal });
      if (json) printJson(surroundings.stdout, { ...result, file: file ?? null });
      else printLine(surroundings.stdout, describeLearned(result, file));
    });
    return EXIT_CODES.ok;
  },
});

type Run = { readonly world: Surroundings; readonly json: boolean; readonly signal: AbortSignal };

async function learn(
  evaluators: Evaluators,
  flags: LearnFlags,
  path: string | undefined,
  { world, json, signal }: Run,
) {
  const request = await toLearnRequest(evaluators, flags, world.folder, signal);
  const view = createWorkProgressView(world.stderr, json);
  try {
    const options = { signal, onProgress: view.show };
    const result = await evaluators.quantizer.learnPrecision(request, options);
    return { result, file: await saveModel(evaluators, request, result, path, options) };
  } catch (error) {
    throw signal.aborted ? stoppedError('Stopped; of a training that is not done nothing is kept.') : error;
  } finally {
    view.stop();
  }
}

async function saveModel(
  { quantizer, artifacts }: Evaluators,
  { model, dataset }: LearnPrecisionRequest,
  { policy, checkpointDigest }: LearnPrecisionResult,
  path: string | undefined,
  options: WorkOptions,
): Promise<LearnedFile | undefined> {
  if (path === undefined) return undefined;
  const checked = await quantizer.exportModel({ model, dataset, policy, checkpointDigest }, options);
  return { path: await saveArtifact(artifacts, checked.onnxDigest, path), checked };
}
