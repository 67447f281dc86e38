import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createLifecycle, stopOnSignals } from './lifecycle.js';
import { silentLogger } from './logger.js';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

describe('a lifecycle', () => {
  it('closes in reverse order, each part even when another fails, and only once', async () => {
    const lifecycle = createLifecycle(silentLogger());
    const closed: string[] = [];
    lifecycle.onClose('store', () => void closed.push('store'));
    lifecycle.onClose('bus', () => Promise.reject(new Error('broken')));
    lifecycle.onClose('server', () => void closed.push('server'));
    expect(lifecycle.stopping.aborted).toBe(false);
    expect(await Promise.all([lifecycle.close(), lifecycle.close()])).toEqual([['bus'], ['bus']]);
    expect(closed).toEqual(['server', 'store']);
    expect(lifecycle.stopping.aborted).toBe(true);
  });
});

describe('signals', () => {
  it('exit with 0 after all is closed', async () => {
    const source = new FakeProcess();
    const lifecycle = createLifecycle(silentLogger());
    stopOnSignals(lifecycle, silentLogger(), source);
    source.emit('SIGTERM');
    await expect.poll(() => source.exits).toEqual([0]);
  });

  it('exit with 1 when a part could not be closed', async () => {
    const source = new FakeProcess();
    const lifecycle = createLifecycle(silentLogger());
    lifecycle.onClose('store', () => Promise.reject(new Error('broken')));
    stopOnSignals(lifecycle, silentLogger(), source);
    source.emit('SIGINT');
    await expect.poll(() => source.exits).toEqual([1]);
  });

  it('a second one does not wait', () => {
    const source = new FakeProcess();
    const lifecycle = createLifecycle(silentLogger());
    lifecycle.onClose('stuck', () => new Promise(() => {}));
    stopOnSignals(lifecycle, silentLogger(), source);
    source.emit('SIGTERM');
    expect(source.exits).toEqual([]);
    source.emit('SIGINT');
    expect(source.exits).toEqual([1]);
  });

  it('can be let go of', () => {
    const source = new FakeProcess();
    stopOnSignals(createLifecycle(silentLogger()), silentLogger(), source)();
    expect(source.listenerCount('SIGTERM')).toBe(0);
  });
});
