import { connectNatsEventBus, MemoryEventBus } from '@bitwright/adapters';
import { describeEventBus, launchNatsServer } from '@bitwright/testing';
import { afterAll, describe } from 'vitest';

describeEventBus('MemoryEventBus', () => new MemoryEventBus());

describe('with a server', async () => {
  const server = await launchNatsServer();
  afterAll(server.stop);
  describeEventBus('NatsEventBus', () => connectNatsEventBus({ url: server.url }));
});
