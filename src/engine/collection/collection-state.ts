// CollectionState: what the verbs of a collection and its work in the background share.

import type { SegmentEntry } from '../../format/manifest.js';
import { ElanusError } from '../../model/errors.js';
import type { Schema } from '../../model/schema.js';
import type { MissingRows, PartialAnswer } from '../api.js';
import type { Background } from '../database/background.js';
import type { CollectionFiles } from '../files/collection-files.js';
import type { Environment } from '../database/environment.js';
import type { ManifestKeeper } from '../files/manifest-keeper.js';
import type { Residency } from '../table/residency.js';
import type { Segment } from '../table/segment.js';
import { sealingBytes } from '../upkeep/seal-size.js';
import type { Table } from '../table/table.js';
import type { Tasks } from '../database/tasks.js';
import type { Reader } from '../read/visit.js';
import type { Outbox } from '../write/outbox.js';
import type { Writer } from '../write/writer.js';

/** A sealed segment that takes no part in answers, as a file of it is damaged or missing. */
export interface MissingSegment {
  readonly entry: SegmentEntry;
  /** Live rows, as far as that is known. */
  readonly rows: number;
  readonly error: ElanusError;
  /** It is on its way. */
  readonly arriving?: boolean;
}

type Parts = 'name' | 'environment' | 'files' | 'manifests' | 'residency' | 'background' | 'tasks' | 'warn' | 'isCopy';

export class CollectionState implements Reader {
  /** As the catalog has it. */
  name: string;
  readonly environment: Environment;
  readonly files: CollectionFiles;
  readonly manifests: ManifestKeeper;
  readonly residency: Residency;
  readonly background: Background;
  readonly tasks: Tasks;
  readonly warn: (message: string) => void;
  /** True if it was pulled: what it lacks, the next pull brings. */
  readonly isCopy: boolean;
  /** Segments that are being merged: nobody else does anything to them. */
  merging: ReadonlySet<Segment> = new Set();
  /** Segments of which not even the keys are known. */
  unknown: readonly MissingSegment[] = [];
  /** Reads are refused until it is loaded again. */
  isReleased = false;
  /** Numbers of partitions whose rows no read sees until they are loaded again. */
  released: ReadonlySet<number> = new Set();
  /** Numbers of partitions that are being dropped: nothing is written into these. */
  readonly leaving = new Set<number>();
  /** Which schemas batches may be of that are logged and not sealed: those since `version`, and `logged`. */
  openedWith: { readonly version: number; readonly logged: ReadonlySet<number> } = { version: 0, logged: new Set() };
  /** Of a copy whose writes are pushed to where it was pulled from. */
  outbox: Outbox | undefined;
  /** Sends what waits in it, at least up to this LSN; resolves when the server has answered. */
  send: ((lsn: bigint) => Promise<void>) | undefined;
  /** Called after each sweep. */
  swept: (() => void) | undefined;
  #table: Table;
  #writer: Writer | undefined;
  #closed = false;
  /** What grows is counted as so much at least. */
  #expectedBytes = 0;

  constructor(parts: Pick<CollectionState, Parts>, table: Table) {
    this.name = parts.name;
    this.environment = parts.environment;
    this.files = parts.files;
    this.manifests = parts.manifests;
    this.residency = parts.residency;
    this.background = parts.background;
    this.tasks = parts.tasks;
    this.warn = parts.warn;
    this.isCopy = parts.isCopy;
    this.#table = table;
    this.files.useLender(this.residency);
  }

  /** 16 hexadecimal digits. */
  get id(): string {
    return this.manifests.manifest.collection;
  }

  /** As it is now; fields may be added to it. */
  get schema(): Schema {
    return this.manifests.manifest.schema;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Errors: `Closed`. */
  readonly table = (): Table => {
    if (this.#closed) throw new ElanusError('Closed', `collection "${this.name}" is closed`);
    return this.#table;
  };

  /** Errors: `Closed`, `ReadOnly`. */
  writer(): Writer {
    this.table();
    if (this.#writer === undefined) throw new ElanusError('ReadOnly', `collection "${this.name}" was opened to read only`);
    return this.#writer;
  }

  /** Of rows, which may also be written to a copy. Errors: `Closed`, `ReadOnly`. */
  rowWriter(): Writer {
    return this.outbox?.writer ?? this.writer();
  }

  /** The table also while the collection is being closed, for what a close waits for: what is logged is applied, what is frozen sealed. */
  get ownTable(): Table {
    return this.#table;
  }

  /** Its table goes to another state, and is counted there. */
  handOver(): Table {
    this.residency.hold(this, 0);
    return this.#table;
  }

  get writes(): boolean {
    return this.#writer !== undefined;
  }

  useWriter(writer: Writer): void {
    this.#writer = writer;
  }

  useTable(table: Table): void {
    this.#table = table;
  }

  /** What the answers lack. */
  missing(): readonly MissingSegment[] {
    const known: readonly MissingSegment[] = this.#table.sealed.flatMap(({ damage, stored, liveRows }) => (damage === undefined || stored === undefined ? [] : [{ entry: stored.entry, rows: liveRows, error: damage }]));
    return [...known, ...this.unknown];
  }

  /** The same, as the API tells it. */
  missingRows(): readonly MissingRows[] {
    return this.missing().map(({ entry, rows, error, arriving }) => ({
      file: error.file ?? entry.rowsFile.name,
      reason: arriving === true ? 'arriving' : error.code !== 'NotFound' ? 'damaged' : this.isCopy ? 'evicted' : 'missing',
      rows,
    }));
  }

  /** What searches of these fields are made of at least, from now on, while files of the collection are on their way. */
  partial(fields: readonly string[]): PartialAnswer | undefined {
    const { arriving } = this.files;
    if (arriving === undefined) return undefined;
    const stages = this.#table.sealed.flatMap((segment) => fields.flatMap((field) => arriving.get(segment.partOf(field).indexFile?.name ?? '')?.arrived?.stage ?? []));
    return { planes: stages.includes('scan') ? 'bits' : stages.includes('refine') ? 'bits+4' : 'vectors' };
  }

  /** Gives up what is missing, with its keys. */
  forgetMissing(): void {
    for (const segment of this.#table.sealed.filter(({ damage }) => damage !== undefined)) {
      this.residency.forget(segment);
      this.#table.forget(segment);
    }
    this.unknown = [];
  }

  /** No manifest names any segment any more. */
  forgetAll(): void {
    for (const segment of this.#table.sealed) this.residency.forget(segment);
    this.#table.forgetAll();
    this.unknown = [];
    this.account();
    this.environment.core.trim?.();
  }

  readonly quarantine = (segment: Segment, error: ElanusError): void => {
    if (segment.damage !== undefined) return;
    this.#table.quarantine(segment, error);
    if (!this.#closed) this.warn(`${this.name}: ${error.message}; its segment of ${segment.liveRows} rows is left out of answers`);
  };

  /** Removes files that nobody needs: none while files come, as the manifest that names these is not stored, nor is it known which logs are needed. */
  async sweep(): Promise<void> {
    if (this.files.arriving !== undefined) return;
    await this.manifests.sweep(this.namesInUse());
    this.swept?.();
  }

  /** Names of files of segments that were replaced and are still read. */
  namesInUse(): readonly string[] {
    return this.#table.retired().flatMap(({ stored }) => (stored === undefined ? [] : [stored.entry.rowsFile.name, ...[...stored.entry.indexes.values()].map(({ name }) => name)]));
  }

  /** Gives segments their entries of the current manifest. */
  takeEntries(): void {
    const entries = new Map(this.manifests.manifest.segments.map((entry) => [entry.id, entry]));
    for (const { stored } of this.#table.sealed) if (stored !== undefined) stored.entry = entries.get(stored.entry.id) ?? stored.entry;
  }

  /** Counts what grows, and the keys, as they are: nothing is refused. */
  account(): void {
    this.residency.recount(this, this.#grownBytes);
  }

  /**
   * Counts `more` bytes that are on the way beside these, until `account`; `rows`: of these, what is to be sealed. Room for sealing all that grows is left, as that is
   * what gives room back. Errors: `OutOfMemory`, then as before.
   */
  admit(more: number, rows: number): void {
    if (more > 0) this.residency.hold(this, this.#grownBytes + more + (rows > 0 ? this.#sealingBytes((this.#table.growing?.rowBytes ?? 0) + rows) : 0));
  }

  /** What grows is counted as if it had taken so many bytes more, which it takes little by little; 0 to end that. */
  expect(more: number): void {
    this.#expectedBytes = 0;
    if (more > 0) this.#expectedBytes = this.#grownBytes + more;
  }

  /** Whether so many bytes of rows more can grow. */
  hasRoom(bytes: number): boolean {
    return this.#isAdmitted(() => this.admit(bytes, bytes));
  }

  /** Whether they could if what grows now were sealed. */
  hasRoomOnceSealed(bytes: number): boolean {
    return this.#isAdmitted(() => this.residency.hold(this, this.#grownBytes - (this.#table.growing?.memoryBytes ?? 0) + bytes + this.#sealingBytes(bytes)));
  }

  #isAdmitted(admit: () => void): boolean {
    try {
      admit();
      this.account();
      return true;
    } catch (error) {
      if (error instanceof ElanusError && error.code === 'OutOfMemory') return false;
      throw error;
    }
  }

  #sealingBytes(rowBytes: number): number {
    return this.writes ? sealingBytes(rowBytes) : 0;
  }

  get #grownBytes(): number {
    const { frozen, growing, keys, pushes } = this.#table;
    const others = keys.bytes + (pushes?.memoryBytes ?? 0);
    return Math.max(this.#expectedBytes, [...frozen, ...(growing === undefined ? [] : [growing])].reduce((sum, { memoryBytes }) => sum + memoryBytes, others));
  }

  /** From now on everything is refused. */
  endCalls(): void {
    this.#closed = true;
  }

  async closeWriter(): Promise<void> {
    await this.#writer?.close();
    await this.outbox?.writer.close();
  }

  closeTable(): void {
    this.residency.endLoan(this.files);
    for (const segment of this.#table.sealed) this.residency.forget(segment);
    this.residency.hold(this, 0);
    this.#table.close();
  }
}
