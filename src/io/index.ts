// Import and export as the package has them. What reads and writes files is loaded by the first use of either, so that a
// page that only searches does not carry it.

import type { Collection, Database } from '../engine/api.js';
import type { ExportOptions } from './export.js';
import type { ImportCollectionOptions, ImportOptions, ImportResult } from './import.js';
import type { InferredDefinition } from './infer.js';
import type { ByteSource } from './source.js';

/**
 * Adds the rows of `source` to a collection; a row whose primary key is there replaces it. Errors: as of `insert`, `Corrupt`
 * for a damaged file, `Closed` if aborted; each with `rows`, how many are in. The source is then cancelled.
 */
export async function importRows(collection: Collection, source: ByteSource, options: ImportOptions = {}): Promise<ImportResult> {
  return (await import('./files.js')).importRows(collection, source, options);
}

/** What `importCollection` would create. Reads no more of the source than that takes. */
export async function inferCollection(name: string, source: ByteSource, options: ImportCollectionOptions = {}): Promise<InferredDefinition> {
  return (await import('./files.js')).inferCollection(name, source, options);
}

/** Creates a collection as the source's own types or first rows suggest, then imports into it. Errors: `AlreadyExists`. */
export async function importCollection(database: Database, name: string, source: ByteSource, options: ImportCollectionOptions = {}): Promise<ImportResult & { readonly definition: InferredDefinition }> {
  return (await import('./files.js')).importCollection(database, name, source, options);
}

/**
 * The live rows of a collection as the bytes of a file, made as they are read, and no more once the stream is cancelled.
 * The stream's errors: `InvalidArgument`, `InvalidFilter`, `Closed` if aborted.
 */
export function exportRows(collection: Collection, options: ExportOptions): ReadableStream<Uint8Array> {
  let bytes: AsyncGenerator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      bytes ??= (await import('./files.js')).exportBytes(collection, options);
      const { done, value } = await bytes.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await bytes?.return(undefined);
    },
  });
}
