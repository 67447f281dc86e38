import { EVENT_STREAM } from '@bitwright/adapters';
import { connect, type JsMsg } from 'nats';

/** Message ids of everything that a NATS server has stored about one search, in order. */
export async function storedEventIds(url: string, searchId: string): Promise<readonly string[]> {
  const connection = await connect({ servers: url });
  try {
    const consumer = await connection.jetstream().consumers.get(EVENT_STREAM, {
      filterSubjects: [`bitwright.v1.*.${searchId}.>`],
    });
    const { num_pending: count } = await consumer.info(true);
    const ids: string[] = [];
    for await (const message of await consumer.fetch({ max_messages: count })) ids.push(idOf(message));
    return ids;
  } finally {
    await connection.close();
  }
}

const idOf = ({ headers }: JsMsg) => headers?.get('Nats-Msg-Id') ?? '';
