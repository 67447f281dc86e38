import { hardwareHandlers } from '@bitwright/adapters';
import {
  HardwareServiceDefinition,
  type HardwareServiceImplementation,
  type hardwareProto,
} from '@bitwright/contracts';
import { type Accelerator, createLocalCatalog } from '@bitwright/hardware-kit';
import { createBitProductAccelerator } from '@bitwright/hardware-kit/testing';
import { createServer, type ServerOptions } from '@bitwright/service-kit';
import { startHeaderFilter } from './header-filter.js';

type Handlers = HardwareServiceImplementation;
type Requests = AsyncIterable<hardwareProto.EvaluateRequest>;
type Answers = AsyncIterable<hardwareProto.EvaluateResponse>;

/** What is wrong with a backend; nothing unless it is given. */
export type Flaw = {
  /** Another model. */
  readonly accelerator?: (sound: Accelerator) => Accelerator;
  readonly capabilities?: (sound: hardwareProto.HardwareCapabilities) => hardwareProto.HardwareCapabilities;
  /** Other questions than were asked. */
  readonly request?: <T extends hardwareProto.TabulateRequest | hardwareProto.EvaluateSetup>(asked: T) => T;
  /** Another name than was asked for. */
  readonly hardware?: (asked: string) => string;
  readonly table?: (sound: Table) => Table;
  readonly policy?: (asked: Policy) => Policy;
  readonly answer?: (sound: hardwareProto.EvaluateResponse) => hardwareProto.EvaluateResponse;
  /** Around a whole stream. */
  readonly stream?: (evaluate: (requests: Requests) => Answers, requests: Requests, signal: AbortSignal) => Answers;
  readonly server?: ServerOptions;
  readonly serving?: boolean;
  /** Headers of requests that never arrive. */
  readonly lostHeader?: string;
};

export type Table = NonNullable<hardwareProto.TabulateResponse['table']>;
type Policy = Extract<hardwareProto.EvaluateRequest['request'], { $case: 'policy' }>['value'];

/** A real gRPC server of one target that is sound but for its flaw. */
export async function startBackend(flaw: Flaw = {}): Promise<AsyncDisposable & { readonly address: string }> {
  const sound = createBitProductAccelerator();
  const catalog = createLocalCatalog([flaw.accelerator?.(sound) ?? sound]);
  const server = createServer(flaw.server);
  server.add(HardwareServiceDefinition, spoil(hardwareHandlers(catalog), flaw));
  const bound = await server.listen('127.0.0.1:0');
  if (flaw.serving === false) server.health.set(HardwareServiceDefinition.fullName, false);
  const filter = flaw.lostHeader === undefined ? undefined : await startHeaderFilter(bound, flaw.lostHeader);
  const close = async () => {
    await filter?.close();
    await server.close(0);
  };
  return { address: filter?.address ?? bound, [Symbol.asyncDispose]: close };
}

const same = <T>(value: T): T => value;

function spoil(handlers: Handlers, flaw: Flaw): Handlers {
  const { capabilities = same, table = same, hardware = same, request = same } = flaw;
  return {
    getCapabilities: async (asked, context) => {
      const { capabilities: sound = [] } = await handlers.getCapabilities(
        { hardware: hardware(asked.hardware) },
        context,
      );
      return { capabilities: (sound as hardwareProto.HardwareCapabilities[]).map(capabilities) };
    },
    tabulate: async (asked, context) => {
      const answer = await handlers.tabulate(request({ ...asked, hardware: hardware(asked.hardware) }), context);
      return { table: table(answer.table as Table) };
    },
    evaluate: (requests, context) => {
      const evaluate = (changed: Requests) => changeAnswers(handlers.evaluate(changed, context) as Answers, flaw);
      const changed = changeRequests(requests, flaw);
      return flaw.stream?.(evaluate, changed, context.signal) ?? evaluate(changed);
    },
  };
}

async function* changeRequests(requests: Requests, { hardware = same, request = same, policy = same }: Flaw): Requests {
  for await (const { request: asked } of requests) {
    if (asked?.$case === 'setup') {
      const value = request({ ...asked.value, hardware: hardware(asked.value.hardware) });
      yield { request: { $case: 'setup', value } };
    } else if (asked?.$case === 'policy') yield { request: { $case: 'policy', value: policy(asked.value) } };
    else yield { request: asked };
  }
}

async function* changeAnswers(answers: Answers, { answer = same }: Flaw): Answers {
  for await (const sound of answers) yield answer(sound);
}
