import { expect, it } from 'vitest';
import { advertisedAddress } from './advertised-address.js';

it.each([
  ['127.0.0.1:7003', undefined, '127.0.0.1:7003'],
  ['board.example.org:7003', undefined, 'board.example.org:7003'],
  ['[2001:db8::7]:7003', undefined, '[2001:db8::7]:7003'],
  ['0.0.0.0:41234', undefined, 'lab-7:41234'],
  ['[::]:41234', undefined, 'lab-7:41234'],
  ['0.0.0.0:41234', 'gateway:9000', 'gateway:9000'],
  ['0.0.0.0:41234', 'gateway:0', 'gateway:41234'],
  ['127.0.0.1:7003', '[2001:db8::7]:0', '[2001:db8::7]:7003'],
])('a service that listens on %s and advertises %s is reached at %s', (listening, advertise, reached) => {
  expect(advertisedAddress(listening, advertise, 'lab-7')).toBe(reached);
});
