import { single } from './flag.js';

/** `host:port` as it was written. Throws an Error with the fix. */
export const readAddress = (value: string) => {
  const [, , port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):([0-9]{1,5})$/.exec(value) ?? [];
  if (Number(port) >= 1 && Number(port) <= 65_535) return value;
  throw new Error(`is "${value}"; write host:port, for example 127.0.0.1:7001`);
};

/** Which agent to talk to. */
export const AGENT_FLAGS = {
  address: single('HOST:PORT', 'a running agent; without, all services run inside this command', readAddress),
};

/** Which hardware and quantizer services to talk to, for questions that need no agent. */
export const EVALUATOR_FLAGS = {
  'hardware-address': single('HOST:PORT', 'a running hardware service', readAddress),
  'quantizer-address': single('HOST:PORT', 'a running quantizer service', readAddress),
};
