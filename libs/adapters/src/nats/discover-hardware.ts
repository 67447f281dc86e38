import { setTimeout as sleep } from 'node:timers/promises';
import { decodeAnnouncement } from '@bitwright/contracts';
import { type HardwareAnnouncement, type HardwareDirectory, toBitwrightError } from '@bitwright/core';
import { PresenceLink } from './presence-link.js';
import { HARDWARE_ANNOUNCED, HARDWARE_ASKED } from './subjects.js';

export type DiscoverHardwareOptions = {
  /** As for the event bus. */
  readonly url: string;
  /** Where those that are there are entered. */
  readonly directory: HardwareDirectory;
  /** Whether a service that fell silent answers a call all the same: then it stays. */
  readonly answers: (address: string) => Promise<boolean>;
  readonly onNotice: (message: string) => void;
  readonly onFound?: ((announcement: HardwareAnnouncement) => void) | undefined;
  /** Told of one that fell silent and does not answer; one that says that it leaves is not lost. */
  readonly onLost?: ((announcement: HardwareAnnouncement) => void) | undefined;
};

/** How long those that are there may take to say so when they are asked, ms. */
const ANSWER_MS = 300;
const SWEEP_MS = 250;

/**
 * Listens to hardware services that announce themselves, until it is closed. Resolves once those that are there have had
 * time to say so, or when there is no NATS; it then goes on trying. While there is none, nobody is given up.
 */
export async function discoverHardware(options: DiscoverHardwareOptions): Promise<{ close(): Promise<void> }> {
  const { url, onNotice } = options;
  const link = await PresenceLink.open({
    ...{ url, onNotice, subject: HARDWARE_ANNOUNCED, onMessage: createListener(options) },
    onConnect: (to) => to.publish(HARDWARE_ASKED),
    meanwhile: 'hardware that is known stays, none is found',
  });
  const sweeper = startSweeping(options, link);
  if (link.isConnected) await sleep(ANSWER_MS);
  const close = async () => {
    clearInterval(sweeper);
    await link.close();
  };
  return { close };
}

/** Anyone may publish on the subject: what is no announcement is left out, with one notice. */
function createListener({ directory, onNotice, onFound }: DiscoverHardwareOptions): (payload: Uint8Array) => void {
  const noticed = new Set<string>();
  const noticeOnce = (what: string, notice: string) => {
    if (!noticed.has(what)) onNotice(notice);
    noticed.add(what);
  };
  return (payload) => {
    try {
      const announcement = decodeAnnouncement(payload);
      const heard = directory.hear(announcement, performance.now());
      if (heard === 'found') onFound?.(announcement);
      if (heard === 'full')
        noticeOnce('full', 'too many hardware services announce themselves: later ones are left out');
    } catch (error) {
      const { message } = toBitwrightError(error);
      noticeOnce('malformed', `a message on ${HARDWARE_ANNOUNCED} is no announcement and is left out (${message})`);
    }
  };
}

/** Gives up those that are silent while we can hear, one sweep at a time. */
function startSweeping(options: DiscoverHardwareOptions, link: PresenceLink): NodeJS.Timeout {
  let isSweeping = false;
  const sweep = async () => {
    if (isSweeping || !link.isConnected) return;
    isSweeping = true;
    try {
      await Promise.all(options.directory.silent(performance.now()).map((silent) => check(silent, options)));
    } finally {
      isSweeping = false;
    }
  };
  return setInterval(() => void sweep(), SWEEP_MS).unref();
}

async function check(silent: HardwareAnnouncement, { directory, answers, onLost }: DiscoverHardwareOptions) {
  const { instanceId, address } = silent;
  // Another run of the service has its place: what answers there is that one.
  const isReplaced = directory.heard(performance.now()).some((other) => other.address === address);
  if (isReplaced) return directory.remove(instanceId);
  if (await answers(address)) return directory.renew(instanceId, performance.now());
  const isHeardAgain = directory.heard(performance.now()).some((other) => other.instanceId === instanceId);
  if (isHeardAgain || !directory.remove(instanceId)) return;
  onLost?.(silent);
}
