import { fsyncSync } from 'node:fs';
import type { PGlite, postgresMod } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Stream = { readonly nfd: number };
type NodeFileOperations = { fsync?: (stream: Stream) => number };
type PreRun = (module: { readonly NODEFS: { readonly stream_ops: NodeFileOperations } }) => void;

/** PGlite's folder, with the one call it leaves out: what PostgreSQL asks to be on the disk is really put there. */
export class DurableNodeFS extends NodeFS {
  #syncs = 0;

  /** How often something was put on the disk: a commit that does not count here is not safe. */
  get syncs(): number {
    return this.#syncs;
  }

  override async init(database: PGlite, options: Partial<postgresMod.PostgresMod>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(database, options);
    const preRun = emscriptenOpts.preRun as PreRun[];
    preRun.push((module) => {
      module.NODEFS.stream_ops.fsync = (stream) => this.#sync(stream);
    });
    return { emscriptenOpts };
  }

  #sync(stream: Stream): number {
    fsyncSync(stream.nfd);
    this.#syncs += 1;
    return 0;
  }
}
