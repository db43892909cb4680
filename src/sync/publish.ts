// Publishing for relays: a collection's files, its manifest and a signed head in a storage that a relay serves from. Files come
// first, what names them last, so that who reads meanwhile sees the one before or this one; what is there already is not sent again.

import type { EngineCollection } from '../engine/collection/collection.js';
import { filesOf, sha256Hex } from '../engine/files/collection-files.js';
import { sameBytes } from '../format/bytes.js';
import { decodeHead } from '../format/head.js';
import { fileKey, manifestKey, publicationKey, publicationPrefix, versionOf } from '../format/keys.js';
import type { FileEntry } from '../format/manifest.js';
import { encodePublication, placeOf, type Publication, type PublishedFile } from '../format/publication.js';
import { ElanusError, requireIntact } from '../model/errors.js';
import type { Ambient } from '../ports/ambient.js';
import type { Storage } from '../ports/storage.js';
import type { HeadOf, Heads } from './heads.js';
import { filesNamed, newestPublication, publicationAt } from './publications.js';

/** Publications that stay: the newest, and the one before for who reads it now. */
const KEPT = 2;

export interface PublishOptions {
  readonly heads: Heads;
  /** Where to; by default where the database is. */
  readonly storage?: Storage;
  /** Told of each file before it is sent. */
  readonly onFile?: (file: PublishedFile) => void;
}

export interface PublishedCollection {
  readonly name: string;
  /** Of the manifest. */
  readonly version: number;
  /** False if all of it was there, and its head holds for long enough. */
  readonly isNew: boolean;
  readonly files: number;
  readonly filesSent: number;
  readonly bytesSent: number;
  /** Until when its head holds: publish again before. */
  readonly expiresMs: number;
}

/** What is published. */
export interface Published {
  readonly database: string;
  readonly name: string;
  readonly opened: EngineCollection;
  readonly of: HeadOf;
  /** Of an encrypted collection. */
  readonly key: Uint8Array | undefined;
  /** Where the database is. */
  readonly own: Storage;
  readonly ambient: Pick<Ambient, 'sha256' | 'nowMs'>;
}

/** What the last flush sealed. Errors: `Busy` if others write here or there; `Corrupt` if another history is there, or a file is damaged; those of the storages. */
export async function publishCollection(published: Published, { heads, storage = published.own, onFile }: PublishOptions): Promise<PublishedCollection> {
  const { database, name, opened, of, key, ambient } = published;
  opened.leaseManifest();
  const { manifest, bytes } = opened.manifest;
  if (of.version !== manifest.version) throw new ElanusError('Busy', `collection "${name}" was written to while it was published: publish it again`);
  const place = await placeOf(database, name, (content) => ambient.sha256(content));
  const { newest, versions } = await newestPublication(storage, place);
  const before = newest?.head.collection === manifest.collection ? newest : undefined;
  const where = publicationKey(place, Math.max(0, ...versions) + 1);
  requireIntact(before === undefined || before.head.version <= manifest.version, where, `version ${before?.head.version} was published, this is ${manifest.version}: copies refuse to go back; remove the folder of collection ${manifest.collection} and ${publicationPrefix(place)} to publish it as another`);
  const files = filesOf(manifest);
  const told = { name, version: manifest.version, files: files.length };
  if (before !== undefined && before.publicKey === heads.publicKey && before.head.manifest.sha256 === of.manifest.sha256 && isFresh(before, ambient.nowMs())) {
    return { ...told, isNew: false, filesSent: 0, bytesSent: 0, expiresMs: before.head.expiresMs };
  }
  const sent = await sendFiles(published, storage, files, new Set(before === undefined ? [] : filesNamed(before)), onFile);
  await putWhole(storage, manifestKey(manifest.collection, manifest.version), bytes);
  const { bytes: head, publicKey } = await heads.head(of);
  const publication: Publication = {
    version: versionOf(where) as number,
    database,
    name,
    publicKey,
    head: decodeHead(head, `head of ${name}`),
    ...(key === undefined ? {} : { key }),
    files: files.map(({ name: file, sizeBytes }) => ({ name: file, sizeBytes })),
    ...beforeOf(before, manifest.version, new Set(files.map((file) => file.name))),
  };
  if (!(await storage.create(where, encodePublication(publication)))) throw new ElanusError('Busy', `${where} exists already: somebody else publishes`, { file: where });
  await sweep(storage, place, storage !== published.own);
  return { ...told, isNew: true, ...sent, expiresMs: publication.head.expiresMs };
}

/** Those that are not there, each checked before it is sent. */
async function sendFiles({ opened, ambient }: Published, storage: Storage, files: readonly FileEntry[], known: ReadonlySet<string>, onFile: PublishOptions['onFile']): Promise<Pick<PublishedCollection, 'filesSent' | 'bytesSent'>> {
  let [filesSent, bytesSent] = [0, 0];
  for (const file of files) {
    const where = fileKey(opened.manifest.manifest.collection, file.name);
    if (known.has(file.name) || (await storage.size(where)) === file.sizeBytes) continue;
    onFile?.(file);
    const bytes = await opened.readFile(file);
    requireIntact((await sha256Hex(ambient, bytes)) === file.sha256, file.name, 'damaged: its hash is not that of its name');
    await putWhole(storage, where, bytes);
    filesSent++;
    bytesSent += file.sizeBytes;
  }
  return { filesSent, bytesSent };
}

function isFresh({ head: { issuedMs, expiresMs } }: Publication, nowMs: number): boolean {
  return nowMs >= issuedMs && nowMs < issuedMs + (expiresMs - issuedMs) / 2;
}

function beforeOf(before: Publication | undefined, version: number, names: ReadonlySet<string>): Pick<Publication, 'before'> {
  if (before === undefined) return {};
  // A head that was signed anew, of the same manifest.
  if (before.head.version === version) return before.before === undefined ? {} : { before: before.before };
  return { before: { manifest: before.head.version, files: before.files.filter(({ name }) => !names.has(name)) } };
}

/** A name means one content: what is there must be that, but for what a crash tore. */
async function putWhole(storage: Storage, key: string, bytes: Uint8Array): Promise<void> {
  if (await storage.create(key, bytes)) return;
  const found = await storage.read(key);
  if (sameBytes(found, bytes)) return;
  const isTorn = found.length < bytes.length;
  requireIntact(isTorn, key, 'another history of this collection was published here: remove its folder to publish this one');
  await storage.remove(key);
  if (!(await storage.create(key, bytes))) throw new ElanusError('Busy', `${key} came back: another writer is at work`, { file: key });
}

/** Removes old publications, and before them what they alone name, unless whoever writes there looks after that. */
async function sweep(storage: Storage, place: string, isMirror: boolean): Promise<void> {
  const versions = (await storage.list(publicationPrefix(place))).flatMap((key) => versionOf(key) ?? []);
  const needed = new Set<string>();
  for (const version of versions.slice(-KEPT)) for (const key of keysNamed(await publicationAt(storage, place, version))) needed.add(key);
  for (const version of versions.slice(0, -KEPT)) {
    if (isMirror) for (const key of keysNamed(await publicationAt(storage, place, version))) if (!needed.has(key)) await storage.remove(key);
    await storage.remove(publicationKey(place, version));
  }
}

function keysNamed(publication: Publication | undefined): readonly string[] {
  if (publication === undefined) return [];
  const { head, before } = publication;
  const manifests = [head.version, ...(before === undefined ? [] : [before.manifest])];
  return [...filesNamed(publication).map((name) => fileKey(head.collection, name)), ...manifests.map((version) => manifestKey(head.collection, version))];
}
