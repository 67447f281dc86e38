import type { NodeProto } from '../gen/onnx/onnx.js';
import { isStandardDomain } from './decode-file.js';
import { readAdd, readAveragePool, readClip, readMaxPool, readRelu } from './elementwise-operators.js';
import { type GraphReader, nodeError } from './graph-reader.js';
import { readBatchNormalization, readConvolution, readGemm, readMatMul } from './layer-operators.js';
import {
  readAlias,
  readCast,
  readConstant,
  readFinalSoftmax,
  readFlatten,
  readGlobalAveragePool,
  readReduceMean,
  readReshape,
  readSizes,
  readSqueeze,
} from './shape-operators.js';

type ReadOperator = (reader: GraphReader, node: NodeProto) => void;

/** What is read of each operator. */
const OPERATORS: Readonly<Record<string, ReadOperator>> = {
  Add: readAdd,
  AveragePool: readAveragePool,
  BatchNormalization: readBatchNormalization,
  Cast: readCast,
  Clip: readClip,
  Constant: readConstant,
  Conv: readConvolution,
  Dropout: readAlias,
  Flatten: readFlatten,
  Gemm: readGemm,
  GlobalAveragePool: readGlobalAveragePool,
  Identity: readAlias,
  LogSoftmax: readFinalSoftmax,
  MatMul: readMatMul,
  MaxPool: readMaxPool,
  ReduceMean: readReduceMean,
  Relu: readRelu,
  Reshape: readReshape,
  Softmax: readFinalSoftmax,
  Squeeze: readSqueeze,
};

/** Operators that only compute the sizes for a Reshape. */
const SIZE_OPERATORS = ['Shape', 'Gather', 'Unsqueeze', 'Concat', 'Slice'];

/** Operators of models that are quantized already. */
const QUANTIZED = /^(QLinear|Quantize|Dequantize|DynamicQuantize)|Integer$/;

/** Reads one node into the network. Throws `MODEL_UNSUPPORTED`, naming node and operator, for an unknown one. */
export function readOperator(reader: GraphReader, node: NodeProto): void {
  const read = SIZE_OPERATORS.includes(node.opType) ? readSizes : OPERATORS[node.opType];
  if (read === undefined || !isStandardDomain(node.domain)) throw unknownOperator(node);
  read(reader, node);
}

function unknownOperator(node: NodeProto) {
  if (QUANTIZED.test(node.opType)) {
    return nodeError('MODEL_UNSUPPORTED', node, 'the model is quantized already; bring the float model');
  }
  const supported = Object.keys(OPERATORS).join(', ');
  return nodeError('MODEL_UNSUPPORTED', node, `this operator is not supported; supported are ${supported}`);
}
