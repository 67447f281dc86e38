import {
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** A proxy in front of a gRPC server that drops one header of every request. */
export async function startHeaderFilter(upstream: string, lostHeader: string) {
  const session = connect(`http://${upstream}`);
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (opened) => void sessions.add(opened));
  server.on('stream', (stream, headers) => forward(stream, headers));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function forward(stream: ServerHttp2Stream, { [lostHeader]: _lost, ...headers }: IncomingHttpHeaders): void {
    const onward = session.request(headers);
    onward.on('response', (answer, flags) => {
      // A refusal is headers alone.
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(answer, endStream ? { endStream } : { waitForTrailers: true });
    });
    let trailers = {};
    onward.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    onward.on('error', () => stream.close());
    stream.on('error', () => onward.close());
    stream.on('close', () => onward.close());
    stream.pipe(onward).pipe(stream);
  }

  const close = async () => {
    for (const opened of sessions) opened.destroy();
    session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
