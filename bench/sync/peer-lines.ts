// Peer lines: how soon, and after how many bytes, a copy can be searched, beside RxDB with the same rows as documents in the
// same run. RxDB counts as searchable once all documents are stored, before a vector is read: it has no index of vectors, so
// what searches them is brute force over all.

import { rounded } from '../log.js';
import { judged, type StorageLine } from '../storage/line.js';
import { VECTOR_FORMS } from './document-server.js';
import type { Replication } from './replicated.js';

const TIMES_FASTER = 10;
const BYTES_SHARE_MAX = 1 / 3;

export interface OwnCopy {
  /** When its first useful search was answered, and when all was there, since the sync began. */
  readonly usefulMs: number;
  readonly wholeMs: number;
  /** Of bodies, until then. */
  readonly usefulBytes: number;
  readonly wholeBytes: number;
  /** Of all, with heads. */
  readonly bytes: number;
}

export function peerLines(own: OwnCopy, replications: readonly (Replication & { readonly recall: number })[], set: string): readonly StorageLine[] {
  const told = replications.map(
    ({ form, rows, wholeMs, loadedMs, searchedMs, bodyBytes, bytes, uncompressedBytes, recall }): StorageLine => ({
      bar: `RxDB, vectors as ${form}: all documents stored`, set, unit: 'ms', better: 'less', measured: rounded(wholeMs),
      note: `${rows} documents; vectors in memory ${rounded(loadedMs)} ms, first answer ${rounded(searchedMs)} ms later, recall@10 ${recall}; ${bodyBytes} bytes of bodies (gzip), ${bytes} with heads, ${uncompressedBytes} uncompressed`,
    }),
  );
  const beside = VECTOR_FORMS.flatMap((form) => {
    const peer = replications.find((found) => found.form === form);
    if (peer === undefined) return [];
    const [name, of] = [`RxDB, ${form}`, `RxDB's, vectors as ${form}`];
    const line = (bar: string, unit: string, must: number, better: 'more' | 'less', measured: number, peerValue: number, note: string): StorageLine =>
      judged({ bar, set, unit, must: rounded(must), better, measured: rounded(measured), peer: { name, measured: [rounded(peerValue), rounded(peerValue), rounded(peerValue)] }, note });
    return [
      line(`how much sooner it can be searched than ${of}`, 'times', TIMES_FASTER, 'more', peer.wholeMs / own.usefulMs, peer.wholeMs, `first useful search answered after ${rounded(own.usefulMs)} ms`),
      line(`bytes until it can be searched, beside ${of}`, 'share', BYTES_SHARE_MAX, 'less', own.usefulBytes / peer.bodyBytes, peer.bodyBytes, `${own.usefulBytes} bytes of bodies`),
      line(`bytes of the whole copy, beside ${of}`, 'share', BYTES_SHARE_MAX, 'less', own.wholeBytes / peer.bodyBytes, peer.bodyBytes, `${own.wholeBytes} bytes of bodies, whole after ${rounded(own.wholeMs)} ms; with heads ${own.bytes} beside ${peer.bytes}; beside uncompressed ones ${rounded(own.wholeBytes / peer.uncompressedBytes)}`),
    ];
  });
  return [...told, ...beside];
}
