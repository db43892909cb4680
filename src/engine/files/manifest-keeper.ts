// ManifestKeeper: the current manifest of a collection, how it changes, and which files must stay. Changes are made
// while the writer does nothing else.

import type { FileEntry, Manifest } from '../../format/manifest.js';
import { lsnOf, versionOf } from '../../format/keys.js';
import { allFilesOf, filesOf, type CollectionFiles, type CurrentManifest } from './collection-files.js';
import type { Ambient } from '../../ports/ambient.js';

/** For how long who was served a manifest may fetch its files, in milliseconds. */
const LEASE_MS = 10 * 60 * 1000;
/** Manifests of which files are kept for who was served them. */
const LEASES_MAX = 16;

interface Lease {
  readonly manifest: Manifest;
  readonly untilMs: number;
}

export class ManifestKeeper {
  readonly #files: CollectionFiles;
  readonly #ambient: Ambient;
  readonly #warn: (message: string) => void;
  /** Of the collection, for manifests to come. */
  name: string;
  #current: CurrentManifest;
  #previous: Manifest | undefined;
  #confirm: (() => Promise<void>) | undefined;
  /** Of which it is not known whether they were stored, by version. */
  readonly #attempts = new Map<number, Manifest>();
  /** Of which files are copied. */
  readonly #held = new Set<{ readonly manifest: Manifest }>();
  /** By version. */
  readonly #leases = new Map<number, Lease>();
  /** Logs with batches that are not sealed; the last is written to. */
  #logs: readonly string[] = [];

  constructor(files: CollectionFiles, ambient: Ambient, current: CurrentManifest, warn: (message: string) => void) {
    this.#files = files;
    this.#ambient = ambient;
    this.#current = current;
    this.#warn = warn;
    this.name = current.manifest.name;
  }

  get current(): CurrentManifest {
    return this.#current;
  }

  get manifest(): Manifest {
    return this.#current.manifest;
  }

  /** Its version, or that of a damaged one after it. */
  get newestVersion(): number {
    return Math.max(this.manifest.version, ...this.#current.damaged.map((key) => versionOf(key) ?? 0));
  }

  get logs(): readonly string[] {
    return this.#logs;
  }

  useLogs(logs: readonly string[]): void {
    this.#logs = logs;
  }

  /** The storage is shared: `confirm` is called before a manifest is stored, and before what was listed is removed. */
  useFence(confirm: () => Promise<void>): void {
    this.#confirm = confirm;
  }

  /**
   * Stores what `edit` makes of the current manifest under the next version. Errors: those of the storage, then nothing
   * changed; `Busy` if another writer has stored one.
   */
  async change(edit: (before: Manifest) => Manifest): Promise<Manifest> {
    await this.#confirm?.();
    const version = this.#confirm === undefined ? await this.#files.nextVersion() : await this.#nextOwnVersion();
    const manifest = { ...edit(this.manifest), name: this.name, version };
    this.#attempts.set(version, manifest);
    this.become({ manifest, bytes: await this.#files.putManifest(manifest), damaged: [] });
    this.#attempts.clear();
    this.#logs = this.#logs.filter((key) => (lsnOf(key) ?? 0n) >= manifest.nextLsn || key === this.#logs.at(-1));
    return manifest;
  }

  /** For who is told that all is as asked already: what was refused and may have been stored all the same must not come back. Errors: as of `change`. */
  async settle(): Promise<void> {
    if (this.#attempts.size > 0) await this.change((before) => before);
  }

  // The one after ours, or after what we tried to store before and may have.
  async #nextOwnVersion(): Promise<number> {
    let version = this.newestVersion + 1;
    for (let own = this.#attempts.get(version); own !== undefined && (await this.#files.holds(own)); own = this.#attempts.get(version)) version++;
    return version;
  }

  /** Takes a manifest that is stored. */
  become(current: CurrentManifest): void {
    if (current === this.#current) return;
    this.#previous = this.manifest;
    this.#current = current;
  }

  /** Somebody is given a manifest, by default the current one, and will fetch its files. */
  lease(manifest = this.manifest): void {
    const now = this.#ambient.nowMs();
    for (const [version, { untilMs }] of this.#leases) if (untilMs <= now || this.#leases.size > LEASES_MAX) this.#leases.delete(version);
    this.#leases.set(manifest.version, { manifest, untilMs: now + LEASE_MS });
  }

  /** What was before is not kept for anybody. */
  forgetOthers(): void {
    this.#previous = undefined;
    this.#leases.clear();
  }

  /** The current manifest, whose files stay until `letGo` is called. */
  hold(): { readonly held: CurrentManifest; letGo(): void } {
    const held = this.#current;
    const mark = { manifest: held.manifest };
    this.#held.add(mark);
    return { held, letGo: () => void this.#held.delete(mark) };
  }

  /** The file with that hash, if the current manifest, the one before or one that was served lately names it. */
  file(sha256: string): FileEntry | undefined {
    return this.#manifests().flatMap(filesOf).find((file) => file.sha256 === sha256);
  }

  /** Removes what no manifest in use names; `inUse` are names of files that are still read. What stays behind costs room only, and the next sweep finds it. */
  async sweep(inUse: readonly string[]): Promise<void> {
    try {
      const kept = new Set([...this.#manifests().flatMap(allFilesOf).map(({ name }) => name), ...inUse]);
      if (this.#confirm === undefined) await this.#files.sweep(this.manifest, this.#logs, kept);
      else await this.#files.sweepShared(this.manifest, this.#logs, kept, this.#confirm);
    } catch (error) {
      this.#warn(`old files could not be removed: ${String(error)}`);
    }
  }

  /** Keys of older manifests, and of files that only they, the one before or those that were served name; `inUse` are names of files that are still read. */
  async superseded(inUse: readonly string[]): Promise<readonly string[]> {
    const [current, ...others] = this.#manifests();
    const kept = new Set([...allFilesOf(current as Manifest).map(({ name }) => name), ...inUse]);
    return this.#files.superseded(this.manifest, others, kept);
  }

  #manifests(): readonly Manifest[] {
    const now = this.#ambient.nowMs();
    const leased = [...this.#leases.values()].filter(({ untilMs }) => untilMs > now).map(({ manifest }) => manifest);
    return [this.manifest, ...(this.#previous === undefined ? [] : [this.#previous]), ...leased, ...[...this.#held].map(({ manifest }) => manifest)];
  }
}
