/** Times our DDPG updates; prints the median in milliseconds. Usage: tsx bitwright.ts <updates> */
import { createRandomSource } from '@bitwright/core';
import { createDdpgAgent, initialAgentState } from '../../../libs/strategies/src/haq/ddpg/ddpg-agent.js';

const options = {
  state: 10,
  hidden1: 300,
  hidden2: 300,
  batchSize: 64,
  actorLearningRate: 1e-4,
  criticLearningRate: 1e-3,
  discountFactor: 1,
  targetRate: 0.01,
};
const random = createRandomSource(1);
const uniform = (count: number) => Float32Array.from({ length: count }, () => random.uniform());
const batch = {
  state: uniform(options.batchSize * options.state),
  action: uniform(options.batchSize),
  reward: uniform(options.batchSize),
  nextState: uniform(options.batchSize * options.state),
  notDone: new Float32Array(options.batchSize).fill(1),
};

using agent = await createDdpgAgent(options, initialAgentState(options, random));
const times: number[] = [];
for (let update = 0; update < Number(process.argv[2]); update += 1) {
  const start = performance.now();
  agent.update(batch);
  times.push(performance.now() - start);
}
console.log(times.sort((a, b) => a - b)[times.length >> 1]);
