// Progressive: a first pull whose collection answers while its files come. What searches need comes first: of each segment
// deletions, keys and 1-bit codes; then 4-bit codes, the rest of the indexes, and the rows. What a call needs before goes
// before all that. Files are kept as in every pull: whole, once their hash is right.

import type { PullProgress } from '../engine/api.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import { ArrivingFiles } from '../engine/files/arriving-files.js';
import type { ArrivingFile } from '../engine/files/arriving-file.js';
import type { CollectionFiles, CurrentManifest } from '../engine/files/collection-files.js';
import { inLanes } from '../engine/files/lanes.js';
import { SegmentFiles } from '../engine/files/segment-files.js';
import { isPlanesName, partKey } from '../format/keys.js';
import type { FileEntry, Manifest, SegmentEntry } from '../format/manifest.js';
import { schemaOf } from '../format/schema-json.js';
import { ElanusError, type ErrorCode } from '../model/errors.js';
import { primaryField } from '../model/schema.js';
import type { Core, IndexStage } from '../ports/core.js';
import { partBytesOf } from './fetch-file.js';
import type { Fetching } from './pull.js';

/** Asked for first, of an index file: its table of contents, as a rule. */
const HEAD_BYTES = 64 * 1024;
/** Pieces that are asked for at a time ahead of calls; more of them later, when calls need less of the network. */
const CODES_AHEAD: Ahead = { pieceBytes: 128 * 1024, lanes: 2 };
const FILES_AHEAD: Ahead = { pieceBytes: 256 * 1024, lanes: 3 };
/** Segments of which the codes are fetched at a time. */
const SEGMENTS_AT_ONCE = 4;
/** A segment without codes is searched when its rows are here; before everything else if they are no more than this. */
const SMALL_BYTES = 1024 * 1024;
/** No row group has fewer rows, unless its vectors are very long: then a search reads more. */
const SUMS_STEP = 8192;
/** Of a file that is not what its name says. */
const ATTEMPTS = 2;

/** What an index is of no use for yet, and a piece of a file that is not whole. */
const USELESS: ReadonlySet<ErrorCode> = new Set(['Corrupt', 'Unsupported', 'InvalidArgument']);

interface Ahead {
  readonly pieceBytes: number;
  readonly lanes: number;
}

export interface ProgressiveTarget {
  readonly core: Core;
  readonly files: CollectionFiles;
  readonly current: CurrentManifest;
  /** Opens the collection over `files`, for who asks for it. */
  open(): Promise<EngineCollection>;
  close(): Promise<void>;
}

export class ProgressivePull {
  readonly #target: ProgressiveTarget;
  readonly #fetching: Fetching;
  readonly #missing: readonly FileEntry[];
  readonly #arriving: ArrivingFiles;
  readonly #ending: AbortController;
  #opened: EngineCollection | undefined;
  #shown = new Set<SegmentEntry>();
  #progress: PullProgress;
  #bytesFetched = 0;

  /** `ending`: once that is aborted nothing more is fetched, for calls neither; a pull that fails aborts it. */
  constructor(target: ProgressiveTarget, missing: readonly FileEntry[], fetching: Fetching, ending: AbortController) {
    this.#target = target;
    this.#fetching = fetching;
    this.#missing = missing;
    this.#ending = ending;
    this.#progress = { files: 0, filesTotal: missing.length, bytes: 0, bytesTotal: missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), rowsSearchable: 0 };
    this.#arriving = new ArrivingFiles(missing, async (file, range) => {
      const answer = await fetching.remote.file(file, range, ending.signal);
      this.#bytesFetched += answer.bytes.length;
      this.#tell({ bytes: this.#progress.bytes + answer.bytes.length });
      return answer;
    });
  }

  /** Bytes that came over the network. */
  get bytesFetched(): number {
    return this.#bytesFetched;
  }

  /**
   * Stores every file; gives the collection, which has been open since it could be asked. It shows what is stored once `switchTo`
   * is called. Errors: those of `fetchFile`; then nothing is open.
   */
  async run(): Promise<EngineCollection> {
    const { files, current } = this.#target;
    files.arriving = this.#arriving;
    try {
      this.#tell({});
      for (const file of this.#missing) await this.#resume(file);
      await this.#fetchPlanes(current.manifest);
      await this.#refine();
      for (const file of [...this.#missing].sort((a, b) => Number(isPlanesName(b.name)) - Number(isPlanesName(a.name)))) await this.#finish(file);
      return this.#opened as EngineCollection;
    } catch (error) {
      this.#ending.abort(error);
      if (this.#opened !== undefined) await this.#target.close();
      throw error;
    } finally {
      files.arriving = undefined;
    }
  }

  /** What came of a pull before. */
  async #resume(file: FileEntry): Promise<void> {
    const { storage } = this.#fetching;
    const key = partKey(this.#target.files.id, file.sha256);
    const size = await storage.size(key);
    if (size === undefined || size === 0 || size > file.sizeBytes) return;
    this.#arriving.get(file.name)?.take(0, await storage.read(key));
    this.#tell({ bytes: this.#progress.bytes + size });
  }

  async #fetchPlanes({ segments }: Manifest): Promise<void> {
    const [large, small] = [segments.filter(isLarge), segments.filter((entry) => !isLarge(entry))];
    const waiting = [...small, ...large.filter(hasPlanes)];
    const ready: SegmentEntry[] = [];
    let showing = Promise.resolve();
    let failed = false;
    const lane = async (): Promise<void> => {
      for (let entry = waiting.shift(); entry !== undefined && !failed; entry = waiting.shift()) {
        // What is not as it should be is fetched again when all of it is here.
        if (!(await unlessUseless(() => this.#prepare(entry)))) continue;
        ready.push(entry);
        // Each time as many rows again, as to show more is to read all keys anew.
        showing = showing.then(() => (rowsOf(ready) >= 2 * rowsOf([...this.#shown]) || waiting.length === 0 ? this.#show(ready) : undefined));
        await showing;
      }
    };
    // What is being opened is open, or not, when they are over.
    await inLanes(SEGMENTS_AT_ONCE, lane, () => {
      failed = true;
      this.#ending.abort();
    });
    await this.#show(ready);
  }

  /** Fetches what it takes to search a segment. */
  async #prepare(entry: SegmentEntry): Promise<void> {
    const { files, current: { manifest } } = this.#target;
    const schema = schemaOf(manifest, entry.schema ?? 0) ?? manifest.schema;
    const rows = new SegmentFiles(files, entry, schema, manifest);
    const planes = [...entry.indexes.values()].filter(({ name }) => isPlanesName(name));
    const whole = planes.length === 0 ? this.#arriving.get(entry.rowsFile.name)?.read({ offset: 0, length: entry.rowsFile.sizeBytes }) : undefined;
    // With these come the row sums of every row group, by which vectors are verified.
    const some = Uint32Array.from({ length: Math.ceil(entry.rows / SUMS_STEP) }, (_, at) => at * SUMS_STEP);
    const sums = [...entry.indexes].flatMap(([field, { name }]) => (isPlanesName(name) ? [rows.vectors(field, some)] : []));
    await Promise.all([whole, files.readDeletions(entry), rows.column(primaryField(schema).name), ...sums, ...planes.map((index) => this.#fetchStage(index, 'scan'))]);
  }

  /** Fetches the beginning of an index file until a stage of it is here. */
  async #fetchStage(index: FileEntry, stage: IndexStage): Promise<void> {
    const { files, core } = this.#target;
    const coming = this.#arriving.get(index.name);
    if (coming === undefined) return;
    let bytes = await files.readPart(index, { offset: 0, length: Math.min(HEAD_BYTES, files.vault.plainSize(index.sizeBytes, index.name)) });
    for (let extent = core.indexExtent(bytes, stage); ; extent = core.indexExtent(bytes, stage)) {
      const wanted = 'bytes' in extent ? extent.bytes : extent.headBytes;
      if (stage !== 'scan') await this.#ahead(coming, files.vault.storedEnd(wanted, index.sizeBytes), CODES_AHEAD);
      if (wanted > bytes.length) bytes = await files.readPart(index, { offset: 0, length: wanted });
      if (!('bytes' in extent)) continue;
      coming.arrived = { stage, bytes: extent.bytes };
      return;
    }
  }

  async #refine(): Promise<void> {
    for (const { indexes } of this.#shown) {
      for (const index of indexes.values()) {
        if (!isPlanesName(index.name)) continue;
        if (await unlessUseless(() => this.#fetchStage(index, 'refine'))) await this.#opened?.indexesCame();
      }
    }
  }

  /** Fetches what is missing of a file and stores it. */
  async #finish(file: FileEntry): Promise<void> {
    const { files } = this.#target;
    const { storage } = this.#fetching;
    const coming = this.#arriving.get(file.name);
    // Two segments may have the same deletions.
    if (coming === undefined) return this.#tell({ files: this.#progress.files + 1 });
    const key = partKey(files.id, file.sha256);
    for (let attempt = 1; ; attempt++) {
      await this.#fill(coming, key);
      try {
        await files.putReceived(file, coming.bytes(0, file.sizeBytes));
        break;
      } catch (error) {
        if (!(error instanceof ElanusError) || error.code !== 'Corrupt') throw error;
        await storage.remove(key);
        if (attempt === ATTEMPTS) throw error;
        coming.forget();
      }
    }
    this.#arriving.stored(file.name);
    await storage.remove(key);
    this.#tell({ files: this.#progress.files + 1 });
    await this.#opened?.indexesCame();
    await this.#showStored();
  }

  /** Its beginning is kept as it comes, for a pull that goes on after a break. */
  async #fill(coming: ArrivingFile, key: string): Promise<void> {
    const { sizeBytes } = coming.file;
    const ahead = { ...FILES_AHEAD, pieceBytes: partBytesOf(this.#fetching.options, FILES_AHEAD.pieceBytes) };
    if (sizeBytes <= ahead.pieceBytes) return this.#ahead(coming, sizeBytes, ahead);
    const log = await this.#fetching.storage.openLog(key);
    try {
      let kept = log.sizeBytes;
      // Longer than the file it is none of it.
      if (kept > sizeBytes) await log.truncate((kept = 0));
      await this.#ahead(coming, sizeBytes, ahead, async () => {
        const [from, to] = [kept, coming.prefixBytes];
        if (to <= from) return;
        kept = to;
        await log.append(coming.bytes(from, to));
        await log.sync();
      });
    } finally {
      await log.close();
    }
  }

  /** Fetches the first `end` bytes of a file, in pieces, as long as no call waits for others. */
  #ahead(coming: ArrivingFile, end: number, { pieceBytes, lanes }: Ahead, kept?: () => Promise<void>): Promise<void> {
    return coming.fill(end, pieceBytes, lanes, async () => {
      await kept?.();
      await this.#arriving.idle();
    });
  }

  /** Segments without codes are searched when their rows are here. */
  async #showStored(): Promise<void> {
    const stored = this.#target.current.manifest.segments.filter((entry) => !this.#shown.has(entry) && this.#arriving.get(entry.rowsFile.name) === undefined);
    if (stored.length > 0) await this.#show([...this.#shown, ...stored]);
  }

  /** From now on searches see these segments. */
  async #show(segments: readonly SegmentEntry[]): Promise<void> {
    if (this.#opened !== undefined && segments.length === this.#shown.size) return;
    const shown = new Set(segments);
    for (const entry of shown) this.#arriving.markSearchable(entry);
    if (this.#opened === undefined) this.#opened = await this.#target.open();
    else await this.#opened.switchTo(this.#target.current);
    this.#shown = shown;
    this.#tell({ rowsSearchable: this.#opened.rows });
  }

  #tell(change: Partial<PullProgress>): void {
    const progress = { ...this.#progress, ...change };
    this.#progress = { ...progress, bytes: Math.min(progress.bytes, progress.bytesTotal) };
    this.#fetching.options.onProgress?.(this.#progress);
  }
}

/** Whether it was done. */
async function unlessUseless(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof ElanusError && USELESS.has(error.code)) return false;
    throw error;
  }
}

function isLarge({ rowsFile }: SegmentEntry): boolean {
  return rowsFile.sizeBytes > SMALL_BYTES;
}

function hasPlanes({ indexes }: SegmentEntry): boolean {
  return [...indexes.values()].some(({ name }) => isPlanesName(name));
}

function rowsOf(segments: Iterable<SegmentEntry>): number {
  let sum = 0;
  for (const { rows } of segments) sum += rows;
  return sum;
}
