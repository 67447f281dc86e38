import { describe, expect, it } from 'vitest';
import type { HardwareAnnouncement } from './announcement.js';
import { HardwareDirectory } from './hardware-directory.js';

const announcement = (instanceId: string, change: Partial<HardwareAnnouncement> = {}): HardwareAnnouncement => ({
  ...{ instanceId, address: '127.0.0.1:7003', version: '1', targets: [], intervalMs: 1000, leaving: false },
  ...change,
});
const idsOf = (announcements: readonly HardwareAnnouncement[]) => announcements.map(({ instanceId }) => instanceId);

describe('a directory of hardware', () => {
  it('tells who is new, and keeps the last that each said', () => {
    const directory = new HardwareDirectory(10);
    expect(directory.hear(announcement('a'), 0)).toBe('found');
    expect(directory.hear(announcement('b'), 1)).toBe('found');
    expect(directory.hear(announcement('a', { address: 'board:1' }), 2)).toBe('known');
    expect(directory.instances.map(({ address }) => address)).toEqual(['board:1', '127.0.0.1:7003']);
  });

  it('calls an instance silent after three of its own intervals, not before', () => {
    const directory = new HardwareDirectory(10);
    directory.hear(announcement('often', { intervalMs: 100 }), 0);
    directory.hear(announcement('seldom', { intervalMs: 1000 }), 0);
    expect(idsOf(directory.silent(300))).toEqual([]);
    expect(idsOf(directory.silent(301))).toEqual(['often']);
    expect(idsOf(directory.heard(301))).toEqual(['seldom']);
    directory.hear(announcement('often', { intervalMs: 100 }), 350);
    expect(idsOf(directory.silent(600))).toEqual([]);
    expect(idsOf(directory.silent(3001))).toEqual(['often', 'seldom']);
  });

  it('counts an instance that answered otherwise as heard of, and forgets one that is removed', () => {
    const directory = new HardwareDirectory(10);
    directory.hear(announcement('a'), 0);
    directory.renew('a', 5000);
    directory.renew('stranger', 5000);
    expect(directory.silent(8000)).toEqual([]);
    expect(idsOf(directory.silent(8001))).toEqual(['a']);
    expect([directory.remove('a'), directory.remove('a')]).toEqual([true, false]);
    expect(directory.instances).toEqual([]);
  });

  it('lets one go that leaves; a stranger that leaves changes nothing', () => {
    const directory = new HardwareDirectory(10);
    directory.hear(announcement('a'), 0);
    expect(directory.hear(announcement('stranger', { leaving: true }), 1)).toBe('known');
    expect(directory.hear(announcement('a', { leaving: true }), 1)).toBe('left');
    expect(directory.instances).toEqual([]);
  });

  it('has room for so many and no more, and hears those that are in', () => {
    const directory = new HardwareDirectory(2);
    const heard = ['a', 'b', 'c', 'b'].map((id) => directory.hear(announcement(id), 0));
    expect(heard).toEqual(['found', 'found', 'full', 'known']);
    directory.hear(announcement('a', { leaving: true }), 1);
    expect(directory.hear(announcement('c'), 1)).toBe('found');
  });
});
