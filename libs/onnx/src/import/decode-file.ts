import { type GraphProto, ModelProto } from '../gen/onnx/onnx.js';
import { modelError } from '../model-error.js';

/** What a file may hold at most. */
export const IMPORT_LIMITS = {
  fileBytes: 512 * 2 ** 20,
  nodes: 20_000,
  /** Height or width of any tensor. */
  imageSize: 8192,
  channels: 65_536,
  /** Elements of one tensor of one image. */
  elements: 2 ** 28,
  /** ONNX's operator sets that are read. */
  lowestOpset: 13,
  highestOpset: 25,
} as const;

/** A file's graph, its operator set and its properties. */
export type DecodedFile = {
  readonly graph: GraphProto;
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
};

/** Reads the file's outer parts. Throws `MODEL_TOO_LARGE`, `MODEL_CORRUPT`, `MODEL_EXTERNAL_DATA` or `MODEL_OPSET`. */
export function decodeFile(bytes: Uint8Array): DecodedFile {
  if (bytes.length > IMPORT_LIMITS.fileBytes) {
    const message = `the model file has ${bytes.length} bytes; at most ${IMPORT_LIMITS.fileBytes} are read`;
    throw modelError('MODEL_TOO_LARGE', message);
  }
  const { graph, opsetImport, metadataProps } = decode(bytes);
  if (graph === undefined || graph.node.length === 0) {
    throw modelError('MODEL_CORRUPT', 'the file holds no ONNX graph: it is no ONNX model, or it is damaged');
  }
  if (graph.node.length > IMPORT_LIMITS.nodes) {
    const message = `the model has ${graph.node.length} nodes; at most ${IMPORT_LIMITS.nodes} are read`;
    throw modelError('MODEL_TOO_LARGE', message);
  }
  assertNoExternalData(graph);
  const opset = opsetImport.find(({ domain }) => isStandardDomain(domain))?.version ?? 0;
  assertOpset(opset);
  return { graph, opset, metadata: Object.fromEntries(metadataProps.map(({ key, value }) => [key, value])) };
}

/** Whether operators of this domain are ONNX's own. */
export function isStandardDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return ModelProto.decode(bytes);
  } catch (cause) {
    const message = `the file is no ONNX model, or it is damaged or cut short (${(cause as Error).message})`;
    throw modelError('MODEL_CORRUPT', message, cause);
  }
}

function assertNoExternalData({ initializer }: GraphProto): void {
  const external = initializer.find(({ dataLocation, externalData }) => dataLocation !== 0 || externalData.length > 0);
  if (external === undefined) return;
  const message = `tensor "${external.name}" lies outside the file; save the model as one file with its weights inside`;
  throw modelError('MODEL_EXTERNAL_DATA', message);
}

function assertOpset(opset: number): void {
  const { lowestOpset, highestOpset } = IMPORT_LIMITS;
  if (opset >= lowestOpset && opset <= highestOpset) return;
  const message = `the model uses operator set ${opset}; export it with one of ${lowestOpset} to ${highestOpset}`;
  throw modelError('MODEL_OPSET', message);
}
