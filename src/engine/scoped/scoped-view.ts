// ScopedView: the rows of a collection that one rule lets through, as manifests of their own that follow those of the
// collection version by version: whole segments as they are, of others what is in the rule.

import { encodeManifest, type FileEntry, type Manifest, type SegmentEntry } from '../../format/manifest.js';
import type { ScopeMark } from '../../format/row-scope.js';
import type { RowRule } from '../../model/row-scope.js';
import { schemaVersion } from '../../model/schema.js';
import { filesOf, sha256Hex, type CurrentManifest } from '../files/collection-files.js';
import { partitionsWithin, compileRule } from './row-rule.js';
import { siftDeletions, siftIndex, siftSegment, type Sifted, type Sifting } from './scoped-segment.js';

/** For how long who was given a manifest may fetch its files, in milliseconds. */
const LEASE_MS = 10 * 60 * 1000;
/** Manifests before the newest of which files are kept for who was given them. */
const LEASES_MAX = 4;

export interface ScopedManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  /** Of the one before it, if that was made here. */
  readonly parent?: string;
}

/** Files that somebody may fetch, by their hashes. */
interface Lease {
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly untilMs: number;
}

/** What is known of a segment of the collection. */
interface Known {
  readonly sifted: Sifted;
  /** By the hash of the collection's deletions. */
  readonly deletions: Map<string, SegmentEntry['deletions']>;
  /** By field and the hash of the collection's index. */
  readonly indexes: Map<string, FileEntry | undefined>;
}

export type Surroundings = Omit<Sifting, 'manifest' | 'filter'>;

export class ScopedView {
  readonly rule: RowRule;
  readonly mark: ScopeMark;
  /** By the hash of a segment's rows file. */
  readonly #known = new Map<string, Known>();
  /** Of the schema that its filter was last compiled for. */
  #schemaVersion: number | undefined;
  #newest: ScopedManifest | undefined;
  /** The last is of the newest manifest. */
  #leases: readonly Lease[] = [];

  constructor(rule: RowRule, mark: ScopeMark) {
    this.rule = rule;
    this.mark = mark;
  }

  /** That of this version, if it is made; somebody is given it, and will fetch its files. */
  made(version: number, nowMs: number): ScopedManifest | undefined {
    if (this.#newest?.manifest.version !== version) return undefined;
    this.#leases = this.#leases.map((lease, at) => (at === this.#leases.length - 1 ? { ...lease, untilMs: nowMs + LEASE_MS } : lease));
    return this.#newest;
  }

  /** Makes that of the version of `current`, whose files stay meanwhile. Errors: those of `siftSegment`, `InvalidFilter`. */
  async follow({ manifest }: CurrentManifest, surroundings: Surroundings): Promise<ScopedManifest> {
    const { ambient } = surroundings.state.environment;
    this.#forgetOtherMeaning(manifest);
    const scoped = await this.#scoped(manifest, { ...surroundings, manifest, filter: compileRule(this.rule, manifest) });
    const bytes = encodeManifest(scoped);
    const sha256 = await sha256Hex(ambient, bytes);
    const parent = this.#newest?.manifest.version === manifest.version - 1 ? { parent: this.#newest.sha256 } : {};
    const nowMs = ambient.nowMs();
    this.#newest = { manifest: scoped, bytes, sha256, ...parent };
    this.#leases = [...this.#leases.filter(({ untilMs }) => untilMs > nowMs).slice(-LEASES_MAX), { files: new Map(filesOf(scoped).map((file) => [file.sha256, file])), untilMs: nowMs + LEASE_MS }];
    return this.#newest;
  }

  /** The file of that hash, if a manifest names it that is the newest, or was given to somebody lately. */
  file(sha256: string, nowMs: number): FileEntry | undefined {
    const isGiven = ({ untilMs }: Lease, at: number): boolean => untilMs > nowMs || at === this.#leases.length - 1;
    return this.#leases.filter(isGiven).map(({ files }) => files.get(sha256)).find((file) => file !== undefined);
  }

  /** Forgets what is not of `base`, the newest manifest of the collection, and that nobody may fetch; gives the names of the files that are left. */
  tidied(base: Manifest, nowMs: number): readonly string[] {
    const bases = new Set(base.segments.map(({ rowsFile }) => rowsFile.sha256));
    for (const sha256 of this.#known.keys()) if (!bases.has(sha256)) this.#known.delete(sha256);
    // The newest stays for who asks next, unless there is a newer one to be made for him.
    const isNeeded = this.#newest?.manifest.version === base.version;
    this.#leases = this.#leases.filter(({ untilMs }, at) => untilMs > nowMs || (isNeeded && at === this.#leases.length - 1));
    if (this.#leases.length === 0) this.#newest = undefined;
    return [...this.#ownFiles().map(({ name }) => name), ...this.#leases.flatMap(({ files }) => Array.from(files.values(), ({ name }) => name))];
  }

  #ownFiles(): readonly FileEntry[] {
    return [...this.#known.values()].flatMap(({ sifted, deletions, indexes }) => (typeof sifted === 'string' ? [] : [sifted.rowsFile, ...deletions.values(), ...indexes.values()].flatMap((file) => file ?? [])));
  }

  /** A key of the dynamic field that the filter names may be a field of its own now. */
  #forgetOtherMeaning({ schema }: Manifest): void {
    const version = schemaVersion(schema);
    if (schema.enableDynamicField && this.#schemaVersion !== version) this.#known.clear();
    this.#schemaVersion = version;
  }

  async #scoped(base: Manifest, sifting: Sifting): Promise<Manifest> {
    const segments: SegmentEntry[] = [];
    for (const entry of base.segments) {
      const known = await this.#knownOf(entry, sifting);
      if (known.sifted === 'none') continue;
      segments.push(known.sifted === 'all' ? entry : await this.#completed(entry, known.sifted, known, sifting));
    }
    const { partitions, pushes, ...rest } = base;
    // Of those who push a copy needs to know after which time to write; their file and its size tell of others.
    return { ...rest, segments, ...(partitions === undefined ? {} : { partitions: partitionsWithin(this.rule, partitions) }), ...(pushes === undefined ? {} : { pushes: { time: pushes.time } }), scope: this.mark };
  }

  async #knownOf(entry: SegmentEntry, sifting: Sifting): Promise<Known> {
    const { sha256 } = entry.rowsFile;
    let known = this.#known.get(sha256);
    if (known === undefined) this.#known.set(sha256, (known = { sifted: await siftSegment(entry, sifting), deletions: new Map(), indexes: new Map() }));
    return known;
  }

  async #completed(base: SegmentEntry, sifted: SegmentEntry, { deletions, indexes }: Known, sifting: Sifting): Promise<SegmentEntry> {
    const own = new Map<string, FileEntry>();
    for (const [field, { sha256 }] of base.indexes) {
      const key = `${field} ${sha256}`;
      if (!indexes.has(key)) indexes.set(key, await siftIndex(field, base, sifted, sifting));
      const index = indexes.get(key);
      if (index !== undefined) own.set(field, index);
    }
    for (const key of indexes.keys()) if (![...base.indexes].some(([field, { sha256 }]) => key === `${field} ${sha256}`)) indexes.delete(key);
    const dead = base.deletions?.sha256 ?? '';
    if (!deletions.has(dead)) deletions.set(dead, await siftDeletions(base, sifting));
    for (const before of deletions.keys()) if (before !== dead) deletions.delete(before);
    const found = deletions.get(dead);
    // Its number is that of the segment that it is of, which may have another by now.
    return { ...sifted, id: base.id, indexes: own, ...(found === undefined ? {} : { deletions: found }) };
  }
}
