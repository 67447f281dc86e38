import { decodeEvent } from '@bitwright/contracts';
import { BitwrightError, type EventFilter } from '@bitwright/core';
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from 'nats';
import { EventQueue } from '../memory/event-queue.js';
import type { NatsSession } from './nats-session.js';
import { EVENT_STREAM, subjectsOf } from './subjects.js';

/** One subscriber, over as many connections as it takes: knows what it was given last and goes on from there. */
export class Subscription {
  readonly queue = new EventQueue();
  readonly #subjects: string;
  /** Of the next message to ask for; undefined until the stream's end was seen once. */
  #sequence: number | undefined;
  #messages: ConsumerMessages | undefined;

  /** `onStop` is called when the subscriber has enough. */
  constructor(filter: EventFilter, onStop: () => void) {
    this.#subjects = subjectsOf(filter);
    this.queue.onStop(() => {
      this.#messages?.stop();
      onStop();
    });
  }

  /** Is told the stream's next sequence before this process publishes anything, so that it misses nothing. */
  startAt(nextSequence: number): void {
    // a stream that was made anew counts from 1 again
    if (this.#sequence === undefined) this.#sequence = nextSequence;
    else if (this.#sequence > nextSequence) this.#sequence = 1;
  }

  /** Hands on what arrives in this session, until it ends or the subscriber stops. */
  async follow(session: NatsSession, onRefused: (error: BitwrightError) => void): Promise<void> {
    const consumer = await session.client.consumers.get(EVENT_STREAM, {
      filterSubjects: this.#subjects,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#sequence ?? 1,
    });
    const messages = await consumer.consume();
    this.#messages = messages;
    const stopping = session.ended.then(() => {
      messages.stop();
      // a slow subscriber holds up its own messages, not the next session
      this.queue.endWait();
    });
    if (this.queue.isStopped) messages.stop();
    await this.#handOn(messages, session, onRefused);
    if (this.queue.isStopped && !session.hasEnded) await consumer.delete().catch(() => undefined);
    else await stopping;
  }

  async #handOn(messages: ConsumerMessages, session: NatsSession, onRefused: (error: BitwrightError) => void) {
    for await (const message of messages) {
      if (session.hasEnded) return;
      this.#push(message, onRefused);
      this.#sequence = message.seq + 1;
      await this.queue.room();
    }
  }

  /** Anyone may publish on the subjects: what is no event is left out, and does not stop those that are. */
  #push(message: JsMsg, onRefused: (error: BitwrightError) => void): void {
    try {
      this.queue.push(decodeEvent(message.data));
    } catch (error) {
      if (!(error instanceof BitwrightError)) throw error;
      onRefused(error);
    }
  }
}
