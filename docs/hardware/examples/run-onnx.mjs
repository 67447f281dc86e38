// A runner for `bitwright hardware build-table --layer-format onnx`: times an ONNX file in ONNX Runtime and prints a sample
// a line. The file's path is the last word of the command; how many samples are wanted stands in the request.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const { batch, samples } = JSON.parse(readFileSync(0, 'utf8'));
const session = await InferenceSession.create(process.argv.at(-1), { intraOpNumThreads: 1 });
const [{ name, shape }] = session.inputMetadata;
const dims = [batch, ...shape.slice(1)];
const values = Float32Array.from({ length: dims.reduce((product, size) => product * size) }, Math.random);
const feeds = { [name]: new Tensor('float32', values, dims) };

for (let sample = 0; sample < samples; sample += 1) {
  const start = performance.now();
  await session.run(feeds);
  console.log(performance.now() - start);
}
