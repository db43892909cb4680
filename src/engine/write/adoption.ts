// Adoption: the rows of a file that somebody sent become a sealed segment, in one manifest. What is stored is a file of our own, of
// columns that were checked as what a caller gives: none of the stranger's bytes, and no index of his. Of each row the later write stays.

import type { PushMark, Stamps } from '../../format/batch.js';
import { bytesOfHex } from '../../format/bytes.js';
import { encodeDeletions } from '../../format/deletion-vector.js';
import { deletionsName, rowsName } from '../../format/keys.js';
import type { SegmentEntry } from '../../format/manifest.js';
import { CHAIN_BYTES, CLIENT_BYTES } from '../../format/push.js';
import { RowsEncoder } from '../../format/rows-file.js';
import { RowsReader } from '../../format/rows-reader.js';
import { joinedColumn } from '../../model/column-rows.js';
import type { Column, Columns } from '../../model/columns.js';
import { ElanusError, require } from '../../model/errors.js';
import { CLIENT_FIELD, PARTITION_FIELD, STAMP_FIELD } from '../../model/hidden-field.js';
import { LIMITS } from '../../model/limits.js';
import type { PrimaryKey } from '../../model/row.js';
import { primaryField, schemaVersion, storedFields, type Schema } from '../../model/schema.js';
import { isLater, type Stamp } from '../../model/stamp.js';
import type { AdoptedSegment } from '../api/upload.js';
import type { CallOrder } from '../collection/call-order.js';
import type { CollectionState } from '../collection/collection-state.js';
import type { CollectionWork } from '../collection/collection-work.js';
import { hasPartitionKey, partitionsOf } from '../collection/partitions.js';
import { hasStamps, pushesStored } from '../collection/pushes-file.js';
import { ByteSink } from '../files/byte-sink.js';
import { SegmentFiles } from '../files/segment-files.js';
import type { Pushes } from '../table/pushes.js';
import type { Segment } from '../table/segment.js';
import { deletionsStored, versionOf } from '../upkeep/sealer.js';
import { receivedWrite, type PartitionsTaken } from './received.js';
import { placesThere, stampsThere } from './there.js';

/** Memory beside the file that came, of its size: the one that is written, and the columns of a row group. */
const COPIES = 2;
/** Of the file that is written, beside what the rows take in the one that came: paddings and a footer. */
const SPARE_BYTES = 16 * 1024;
/** A file is the only batch of a client that has its hash for a number. */
const ONLY = 1n;

/** A file whose bytes have the hash `sha256`, 64 hexadecimal digits. */
export interface SentFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

export interface AdoptionOptions {
  /** 8 bytes that stand for whom it comes from. */
  readonly subject: Uint8Array;
  /** Whether conflicts are decided by a rule, which is asked of pushed batches only: then a row that meets another's refuses the file. */
  readonly hasRule: boolean;
}

/** Rows of the file, checked and stored, and not in the manifest yet. */
interface Prepared {
  readonly entry: SegmentEntry;
  readonly schema: Schema;
  readonly keys: readonly PrimaryKey[];
  readonly keyColumn: Column;
  readonly stamps: readonly Stamp[];
  readonly clamped: number;
  readonly partitions: ReadonlySet<number>;
}

export class Adoption {
  readonly #state: CollectionState;
  readonly #work: CollectionWork;
  readonly #order: CallOrder;
  readonly #seen: (key: PrimaryKey) => void;

  /** `seen` is told of the keys that come. */
  constructor(state: CollectionState, work: CollectionWork, order: CallOrder, seen: (key: PrimaryKey) => void) {
    this.#state = state;
    this.#work = work;
    this.#order = order;
    this.#seen = seen;
  }

  /**
   * Takes the rows, once: a file that is here already changes nothing. Durable when it resolves. Errors: `Unsupported` if the collection takes no pushes;
   * `Corrupt` or `InvalidArgument` for what is no rows file of this collection, or could not be written by a caller; `NotPermitted` for rows that say they are somebody else's; those of the storage, then nothing changed.
   */
  async adopt(file: SentFile, { subject, hasRule }: AdoptionOptions): Promise<AdoptedSegment> {
    this.#state.writer();
    const { pushes } = this.#state.ownTable;
    if (pushes === undefined || !hasStamps(this.#state.schema)) throw new ElanusError('Unsupported', `collection "${this.#state.name}" takes no segments: its property sync.push is not true`);
    const mark = markOf(file.sha256, subject);
    if (this.hasTaken(file.sha256)) return KNOWN;
    const prepared = await this.#prepare(file, pushes, mark);
    prepared.keys.forEach(this.#seen);
    try {
      // Who writes meanwhile waits: what is in the log when it is stored would be replayed over it.
      const adopted = await this.#order.enterAfter(() => this.#work.sealer.whenSealed(() => this.#commit(prepared, mark, pushes, hasRule)), async (done) => done);
      this.#work.tidy();
      return adopted;
    } finally {
      this.#state.files.settle(prepared.entry.rowsFile);
    }
  }

  /** Whether the rows of a file of that hash are here, or what took their place. */
  hasTaken(sha256: string): boolean {
    return this.#state.ownTable.pushes?.clients.get(markOf(sha256, new Uint8Array(0)).client) !== undefined;
  }

  async #prepare({ bytes, sha256 }: SentFile, pushes: Pushes, mark: PushMark): Promise<Prepared> {
    const { environment, files, residency, schema, manifests, leaving } = this.#state;
    const where = `segment ${sha256}`;
    const reader = await RowsReader.open(async (offset, length) => bytes.slice(offset, offset + length), bytes.length, schema, where);
    require(reader.rows >= 1 && reader.rows <= LIMITS.rowsPerBatchMax, () => `${where}: expected 1 to ${LIMITS.rowsPerBatchMax} rows, found ${reader.rows}`);
    residency.hold(this, bytes.length * (1 + COPIES));
    try {
      const pause = (): Promise<void> => environment.ambient.pause();
      const encoder = new RowsEncoder(schema);
      const sink = new ByteSink(bytes.length + SPARE_BYTES, pause);
      const taken: PartitionsTaken = { numbers: new Set(partitionsOf(manifests.manifest).list.map(({ number }) => number).filter((number) => !leaving.has(number))) };
      const found = new Collected(schema, where);
      const own = pushes.next();
      for await (const { rows, columns } of reader.groups(storedFields(schema).map(({ name }) => name))) {
        const received = receivedWrite(stampedBy(own, { rows, byName: columns }, (client) => pushes.clients.writerOf(client, mark)), schema, environment.ambient.nowMs(), taken);
        found.add(received.keys, received.stamps, received.batch.columns, received.clamped);
        for (const parts of encoder.steps(received.batch.columns)) {
          await sink.append(parts);
          await pause();
        }
      }
      const { tail, ...told } = encoder.end();
      await sink.append(tail);
      const rowsFile = await files.putAhead(sink.bytes(), rowsName);
      return { entry: { id: 0, rows: reader.rows, rowsFile, ...versionOf(schema), ...told, indexes: new Map() }, schema, ...found.all() };
    } finally {
      residency.hold(this, 0);
    }
  }

  /** While the writer does nothing else. Until the manifest is stored nothing changed; then nothing can fail. */
  async #commit(prepared: Prepared, mark: PushMark, pushes: Pushes, hasRule: boolean): Promise<AdoptedSegment> {
    const { files, manifests, ownTable: table, residency } = this.#state;
    const { keys, stamps, schema, keyColumn, clamped } = prepared;
    if (pushes.clients.get(mark.client) !== undefined) return KNOWN;
    pushes.requireRoomForClient(mark.subject);
    this.#requireSame(prepared);
    const there = await stampsThere(this.#state, keys, pushes);
    const dead = Uint32Array.from(keys.keys()).filter((row) => !isLater(stamps[row] as Stamp, there[row] as Stamp));
    const isDead = new Set(dead);
    const replaced = placesThere(this.#state, keys).filter(({ at }) => !isDead.has(at));
    if (hasRule) refuseConflicts(keys, (row, key) => (table.keys.get(key) !== undefined || pushes.isDeleted(key)) && (there[row] as Stamp).client !== (stamps[row] as Stamp).client);
    for (const { time } of stamps) pushes.clock.shown(time);
    this.#state.admit(table.keys.bytesToAdd(primaryField(schema).type, keys.length) + pushes.bytesToNote({ mark }), 0);
    table.reserveToAdopt(keys.length);
    const killed = new Map<Segment, number[]>();
    for (const { segment, row } of replaced) {
      const rows = killed.get(segment);
      if (rows === undefined) killed.set(segment, [row]);
      else rows.push(row);
    }
    const segments = await deletionsStored(this.#state, { more: killed });
    const deletions = dead.length === 0 ? {} : { deletions: { ...(await files.putFile(encodeDeletions(dead), deletionsName)), count: dead.length } };
    const entry: SegmentEntry = { ...prepared.entry, ...deletions, id: Math.max(0, ...segments.map(({ id }) => id)) + 1 };
    const stored = await pushesStored(this.#state, { mark });
    const segment = dead.length === keys.length ? undefined : table.prepare({ entry, files: new SegmentFiles(files, entry, schema, table) }, dead);
    try {
      await manifests.change((before) => ({ ...before, ...stored, segments: segment === undefined ? segments : [...segments, entry] }));
    } catch (error) {
      segment?.close();
      throw error;
    }
    this.#state.takeEntries();
    pushes.noteFile(mark, keys.filter((_, row) => !isDead.has(row)));
    if (segment !== undefined) {
      table.adopt(segment, { rows: keys.length, byName: new Map([[primaryField(schema).name, keyColumn]]) });
      residency.watch(segment);
    }
    this.#state.account();
    await this.#state.sweep();
    return { rows: keys.length, replaced: replaced.length, outdated: dead.length, clamped, isKnown: false };
  }

  #requireSame({ schema, partitions }: Prepared): void {
    const { manifests, leaving } = this.#state;
    require(schemaVersion(schema) === schemaVersion(this.#state.schema), () => 'the schema of the collection has changed meanwhile: send the rows again, by the new one');
    const numbers = new Set(partitionsOf(manifests.manifest).list.map(({ number }) => number));
    const gone = [...partitions].find((number) => !numbers.has(number) || leaving.has(number));
    if (gone !== undefined) throw new ElanusError('NotFound', `the partition of number ${gone} is gone, or is being dropped`);
  }
}

const KNOWN: AdoptedSegment = { rows: 0, replaced: 0, outdated: 0, clamped: 0, isKnown: true };

function markOf(sha256: string, subject: Uint8Array): PushMark {
  const hash = bytesOfHex(sha256);
  return { client: hash.slice(0, CLIENT_BYTES), subject, id: ONLY, chain: hash.slice(CLIENT_BYTES, CLIENT_BYTES + CHAIN_BYTES) };
}

/** The columns with the stamp `own` where a row has none, and the others as `writerOf` says. Errors: those of `writerOf`. */
function stampedBy(own: Stamp, { rows, byName }: Columns, writerOf: (client: bigint) => bigint): Columns {
  const [times, clients] = [STAMP_FIELD, CLIENT_FIELD].map(({ name }) => byName.get(name)?.values as BigInt64Array) as [BigInt64Array, BigInt64Array];
  const stamped = new Map(byName);
  stamped.set(STAMP_FIELD.name, { type: 'Int64', values: times.map((time) => (time === 0n ? own.time : time)) });
  stamped.set(CLIENT_FIELD.name, { type: 'Int64', values: clients.map((client, row) => (times[row] === 0n ? own.client : writerOf(client))) });
  return { rows, byName: stamped };
}

function refuseConflicts(keys: readonly PrimaryKey[], meets: (row: number, key: PrimaryKey) => boolean): void {
  const row = keys.findIndex((key, at) => meets(at, key));
  if (row >= 0) throw new ElanusError('Unsupported', `row ${row}, key ${String(keys[row])}: meets what somebody else wrote, and the collection has a rule for conflicts, which is asked of pushed batches only: leave it out, and push or upsert it`);
}

/** What is kept of a file's rows while their columns go by. */
class Collected {
  readonly #schema: Schema;
  readonly #where: string;
  readonly #keys: PrimaryKey[] = [];
  readonly #seen = new Set<PrimaryKey>();
  readonly #keyColumns: Column[] = [];
  readonly #stamps: Stamp[] = [];
  readonly #partitions = new Set<number>();
  #clamped = 0;

  constructor(schema: Schema, where: string) {
    this.#schema = schema;
    this.#where = where;
  }

  /** Errors: `InvalidArgument` for a key that came before. */
  add(keys: readonly PrimaryKey[], { times, clients }: Stamps, { byName }: Columns, clamped: number): void {
    keys.forEach((key, row) => {
      require(!this.#seen.has(key), () => `${this.#where}: row ${this.#keys.length}: the key ${String(key)} is there twice`);
      this.#seen.add(key);
      this.#keys.push(key);
      this.#stamps.push({ time: times[row] as bigint, client: clients[row] as bigint });
    });
    this.#keyColumns.push(byName.get(primaryField(this.#schema).name) as Column);
    // Those of a partition key are as many as there were from the beginning.
    if (!hasPartitionKey(this.#schema)) for (const number of (byName.get(PARTITION_FIELD.name)?.values ?? []) as Iterable<number>) this.#partitions.add(number);
    this.#clamped += clamped;
  }

  all(): Pick<Prepared, 'keys' | 'keyColumn' | 'stamps' | 'clamped' | 'partitions'> {
    return { keys: this.#keys, keyColumn: joinedColumn(this.#keyColumns, primaryField(this.#schema)), stamps: this.#stamps, clamped: this.#clamped, partitions: this.#partitions };
  }
}
