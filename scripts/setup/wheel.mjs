import { closeSync, createReadStream, createWriteStream, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

// Layout from PKWARE's APPNOTE.TXT. A wheel is a plain zip: no encryption, under 4 GB, stored or deflated.
const endOfDirectory = { signature: 0x06054b50, sizeBytes: 22, longestComment: 65_535 };
const directoryEntry = { signature: 0x02014b50, sizeBytes: 46 };
const localHeaderBytes = 30;

/** Lists the files in a wheel: name, where its data starts, and both sizes. */
export function listMembers(path) {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const tail = readAt(file, Math.max(0, size - endOfDirectory.sizeBytes - endOfDirectory.longestComment), size);
    const end = findEndOfDirectory(tail);
    const start = end.readUInt32LE(16);
    return parseDirectory(readAt(file, start, start + end.readUInt32LE(12)));
  } finally {
    closeSync(file);
  }
}

/** Writes `members` below `folder` by the names that `rename` gives them; `onBytes` hears of each piece written. */
export async function extractMembers(path, members, folder, { rename, onBytes }) {
  for (const member of members) {
    const target = join(folder, rename(member.name));
    mkdirSync(dirname(target), { recursive: true });
    const dataStart = findData(path, member);
    const source = createReadStream(path, { start: dataStart, end: dataStart + member.packedBytes - 1 });
    const sink = createWriteStream(target);
    const unpack = member.isDeflated ? [createInflateRaw()] : [];
    if (unpack[0]) unpack[0].on('data', (piece) => onBytes?.(piece.length));
    await pipeline([source, ...unpack, sink]);
  }
}

function readAt(file, start, end) {
  const bytes = Buffer.alloc(end - start);
  readSync(file, bytes, 0, bytes.length, start);
  return bytes;
}

function findEndOfDirectory(tail) {
  for (let at = tail.length - endOfDirectory.sizeBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === endOfDirectory.signature) return tail.subarray(at);
  }
  throw new Error('not a zip file: it has no end-of-directory record');
}

function parseDirectory(bytes) {
  const members = [];
  for (let at = 0; at + directoryEntry.sizeBytes <= bytes.length; ) {
    if (bytes.readUInt32LE(at) !== directoryEntry.signature) throw new Error('damaged zip directory');
    const nameBytes = bytes.readUInt16LE(at + 28);
    const nameStart = at + directoryEntry.sizeBytes;
    members.push({
      name: bytes.toString('utf8', nameStart, nameStart + nameBytes),
      isDeflated: bytes.readUInt16LE(at + 10) === 8,
      packedBytes: bytes.readUInt32LE(at + 20),
      sizeBytes: bytes.readUInt32LE(at + 24),
      headerStart: bytes.readUInt32LE(at + 42),
    });
    at = nameStart + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

/** The local header repeats the name and has an extra field of its own length, so it must be read. */
function findData(path, member) {
  const file = openSync(path, 'r');
  try {
    const header = readAt(file, member.headerStart, member.headerStart + localHeaderBytes);
    return member.headerStart + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    closeSync(file);
  }
}
