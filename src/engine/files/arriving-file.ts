// ArrivingFile: a file of a copy that is on its way: what of it is here, in memory, and the rest, which is asked for as it is
// read. No byte is asked for twice. Its hash is known to be right only when all of it is here.

import type { FileEntry } from '../../format/manifest.js';
import { ElanusError } from '../../model/errors.js';
import type { IndexStage } from '../../ports/core.js';
import { inLanes } from './lanes.js';
import type { ByteRange } from '../../ports/storage.js';

/** Gives the bytes of a range, or all of the file where the server gives no ranges. */
export type FetchRange = (file: FileEntry, range: ByteRange) => Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly isPart: boolean }>;

/** Of an index file: the stage that is here, whole, and how many bytes from its start that takes. */
export interface ArrivedStage {
  readonly stage: IndexStage;
  readonly bytes: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Part extends Span {
  readonly bytes: Uint8Array;
}

interface Request extends Span {
  readonly done: Promise<void>;
}

export class ArrivingFile {
  readonly file: FileEntry;
  /** Set by who knows what it is an index of. */
  arrived: ArrivedStage | undefined;
  readonly #fetch: FetchRange;
  /** What is here, ascending, neither touching nor overlapping. */
  #here: readonly Span[] = [];
  /** Until there is room for all of it. */
  #parts: Part[] = [];
  #whole: Uint8Array<ArrayBuffer> | undefined;
  readonly #requests = new Set<Request>();

  constructor(file: FileEntry, fetch: FetchRange) {
    this.file = file;
    this.#fetch = fetch;
  }

  /** How many bytes from the start are here without a gap. */
  get prefixBytes(): number {
    const [first] = this.#here;
    return first?.start === 0 ? first.end : 0;
  }

  /** Takes bytes that are here already. */
  take(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.file.sizeBytes) throw new ElanusError('Network', `${this.file.name}: expected ${this.file.sizeBytes} bytes, received ${end}`);
    if (bytes.length === 0) return;
    if (this.#whole === undefined) this.#parts.push({ start: offset, end, bytes });
    else this.#whole.set(bytes, offset);
    this.#here = joined([...this.#here, { start: offset, end }]);
  }

  /** A copy of a range, in `room` if that is given; what of it is not here is asked for. Errors: `Corrupt` beyond the file; those of the network. */
  async read({ offset, length }: ByteRange, room?: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const end = offset + length;
    if (end > this.file.sizeBytes) throw new ElanusError('Corrupt', `${this.file.name}: expected bytes up to ${end}, it has ${this.file.sizeBytes}`, { file: this.file.name });
    for (let waiting = this.#ask({ start: offset, end }); waiting.length > 0; waiting = this.#ask({ start: offset, end })) await Promise.all(waiting);
    return this.#copy(offset, end, room ?? new Uint8Array(length));
  }

  /** Bytes that are here. REQUIRES: they are. */
  bytes(start: number, end: number): Uint8Array<ArrayBuffer> {
    return this.#whole?.subarray(start, end) ?? this.#copy(start, end, new Uint8Array(end - start));
  }

  /**
   * Asks for what is not here of the first `end` bytes, in pieces of `pieceBytes`, `lanes` at a time; after each `next` resolves
   * when another may be asked for. Errors: those of `next` and the network.
   */
  async fill(end: number, pieceBytes: number, lanes: number, next: () => Promise<void>): Promise<void> {
    this.#makeWhole();
    let failed = false;
    const lane = async (): Promise<void> => {
      for (let piece = this.#gap(end, pieceBytes); piece !== undefined && !failed; piece = this.#gap(end, pieceBytes)) {
        await Promise.all(this.#ask(piece));
        await next();
      }
    };
    await inLanes(lanes, lane, () => (failed = true));
    await this.read({ offset: 0, length: end });
  }

  /** It is not what its name says: nothing of it is here. */
  forget(): void {
    this.#whole = undefined;
    this.#parts = [];
    this.#here = [];
    this.arrived = undefined;
  }

  #makeWhole(): void {
    if (this.#whole !== undefined) return;
    const whole = new Uint8Array(this.file.sizeBytes);
    for (const { start, bytes } of this.#parts) whole.set(bytes, start);
    this.#parts = [];
    this.#whole = whole;
  }

  /** Asks for what is neither here nor on its way; gives what there is to wait for. */
  #ask(wanted: Span): readonly Promise<void>[] {
    for (const gap of gapsOf(wanted, joined([...this.#here, ...this.#requests]))) this.#request(gap);
    if (gapsOf(wanted, this.#here).length === 0) return [];
    return [...this.#requests].filter(({ start, end }) => start < wanted.end && end > wanted.start).map(({ done }) => done);
  }

  #request(gap: Span): void {
    const request: Request = { ...gap, done: this.#receive(gap).finally(() => this.#requests.delete(request)) };
    this.#requests.add(request);
  }

  async #receive({ start, end }: Span): Promise<void> {
    const { bytes, isPart } = await this.#fetch(this.file, { offset: start, length: end - start });
    const expected = isPart ? end - start : this.file.sizeBytes;
    if (bytes.length !== expected) throw new ElanusError('Network', `${this.file.name}: expected ${expected} bytes from ${isPart ? start : 0} on, received ${bytes.length}`);
    this.take(isPart ? start : 0, bytes);
  }

  /** The first piece of what is neither here nor on its way. */
  #gap(end: number, pieceBytes: number): Span | undefined {
    const [gap] = gapsOf({ start: 0, end }, joined([...this.#here, ...this.#requests]));
    return gap && { start: gap.start, end: Math.min(gap.end, gap.start + pieceBytes) };
  }

  #copy(offset: number, end: number, into: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#whole !== undefined) into.set(this.#whole.subarray(offset, end));
    for (const { start, end: partEnd, bytes } of this.#parts) {
      const [from, to] = [Math.max(start, offset), Math.min(partEnd, end)];
      if (from < to) into.set(bytes.subarray(from - start, to - start), from - offset);
    }
    return into;
  }
}

/** Ascending, and what touches or overlaps as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const all: { start: number; end: number }[] = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else all.push({ start, end });
  }
  return all;
}

/** What of `wanted` is in none of `spans`, which ascend and do not overlap. */
function gapsOf({ start, end }: Span, spans: readonly Span[]): readonly Span[] {
  const gaps: Span[] = [];
  let at = start;
  for (const span of spans) {
    if (span.end <= at) continue;
    if (span.start >= end) break;
    if (span.start > at) gaps.push({ start: at, end: span.start });
    at = span.end;
  }
  if (at < end) gaps.push({ start: at, end });
  return gaps;
}
