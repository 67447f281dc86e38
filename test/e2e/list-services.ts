import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';

const ReflectionClient = makeGenericClientConstructor({}, 'grpc.reflection.v1.ServerReflection');
const METHOD = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const keepBytes = (bytes: Buffer) => bytes;
/** Field 7 of the request: `list_services`, with any text. */
const LIST_SERVICES = Buffer.of(0x3a, 1, 0x2a);

/** What a server says that it serves, as tools such as grpcurl ask it. The names stand in the answer as they are. */
export async function listServices(address: string): Promise<readonly string[]> {
  const client = new ReflectionClient(address, credentials.createInsecure());
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const call = client.makeBidiStreamRequest(METHOD, keepBytes, keepBytes, { deadline: Date.now() + 10_000 });
      call.on('data', resolve);
      call.on('error', reject);
      call.write(LIST_SERVICES);
      call.end();
    });
    return answer.toString('latin1').match(/[a-z]+(\.[a-z0-9]+)+\.[A-Z][A-Za-z]+/g) ?? [];
  } finally {
    client.close();
  }
}
