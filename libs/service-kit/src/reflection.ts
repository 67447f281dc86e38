import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';

/** `grpc.reflection.v1alpha`, which older tools ask for: the same messages under another name. */
const AlphaReflectionService: typeof ServerReflectionService = {
  ...ServerReflectionService,
  serverReflectionInfo: {
    ...ServerReflectionService.serverReflectionInfo,
    path: '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo' as never,
  },
};

/** Both versions' definitions, and the implementation that answers for the named services from the descriptors. */
export function createReflection(descriptors: Uint8Array, services: readonly string[]) {
  return {
    definitions: [ServerReflectionService, AlphaReflectionService],
    implementation: ServerReflection(descriptors, services),
  };
}
