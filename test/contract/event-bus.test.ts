import { MemoryEventBus } from '@bitwright/adapters';
import { describeEventBus } from '@bitwright/testing';

describeEventBus('MemoryEventBus', () => new MemoryEventBus());
