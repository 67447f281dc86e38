import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that stays where it is until it is let go. */
export type HeldFile = Disposable & { readonly path: string };

type Entry = { bytes: number; holders: number };

/**
 * Files that children read, named after their content, so that a name never changes its meaning. They take at most `maximumBytes`
 * besides those that are held: what was not used for the longest time goes first.
 */
export class HeldFiles {
  readonly #folder: string;
  readonly #maximumBytes: number;
  /** By digest, in the order of their last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(folder: string, maximumBytes: number) {
    this.#folder = folder;
    this.#maximumBytes = maximumBytes;
  }

  /** The file with this content, read where it is not there yet. Throws what `read` throws. */
  async hold(digest: string, read: () => Promise<Uint8Array>): Promise<HeldFile> {
    const entry = this.#entries.get(digest) ?? { bytes: 0, holders: 0 };
    this.#entries.set(digest, entry);
    entry.holders += 1;
    try {
      // Several may write it at once: a caller that gives up is then nobody else's concern.
      if (entry.bytes === 0) entry.bytes = await this.#write(digest, await read());
    } catch (error) {
      this.#release(digest, entry);
      throw error;
    }
    let isHeld = true;
    const release = () => {
      if (isHeld) this.#release(digest, entry);
      isHeld = false;
    };
    return { path: this.#path(digest), [Symbol.dispose]: release };
  }

  async #write(digest: string, content: Uint8Array): Promise<number> {
    const part = join(this.#folder, `${randomUUID()}.part`);
    await writeFile(part, content);
    await rename(part, this.#path(digest));
    return content.length;
  }

  #release(digest: string, entry: Entry): void {
    entry.holders -= 1;
    this.#entries.delete(digest);
    if (entry.holders > 0 || entry.bytes > 0) this.#entries.set(digest, entry);
    this.#makeRoom();
  }

  #makeRoom(): void {
    let bytes = 0;
    for (const entry of this.#entries.values()) bytes += entry.bytes;
    for (const [digest, entry] of this.#entries) {
      if (bytes <= this.#maximumBytes) return;
      if (entry.holders > 0) continue;
      this.#entries.delete(digest);
      // At once: the next to ask for this content writes it again.
      unlinkSync(this.#path(digest));
      bytes -= entry.bytes;
    }
  }

  #path(digest: string): string {
    return join(this.#folder, `${digest}.onnx`);
  }
}
