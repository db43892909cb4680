// Formats: what files are imported from and exported to, and how each is told by its name.

import { ElanusError, require } from '../model/errors.js';

export const IMPORT_FORMATS = ['jsonl', 'csv', 'parquet', 'npy', 'fvecs', 'bvecs'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** npy and fvecs hold vectors alone: the other fields go to a JSONL file beside, in the same order. */
export const EXPORT_FORMATS = ['jsonl', 'csv', 'parquet', 'npy', 'fvecs'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const ENDINGS: Readonly<Record<string, ImportFormat>> = { jsonl: 'jsonl', ndjson: 'jsonl', csv: 'csv', parquet: 'parquet', npy: 'npy', fvecs: 'fvecs', bvecs: 'bvecs' };

/** Errors: `InvalidArgument` for a format that is none, or none given and a name that does not tell it. */
export function importFormat(format: unknown, name: string): ImportFormat {
  const found = format ?? formatOfName(name);
  require(found !== undefined, () => `${name}: its name does not tell its format: give one of ${IMPORT_FORMATS.join(', ')}`);
  const known = IMPORT_FORMATS.find((candidate) => candidate === found);
  require(known !== undefined, () => `format: expected one of ${IMPORT_FORMATS.join(', ')}, found ${JSON.stringify(found)}`);
  return known;
}

/** Errors: `InvalidArgument`. */
export function exportFormat(format: unknown): ExportFormat {
  const known = EXPORT_FORMATS.find((candidate) => candidate === format);
  if (known === undefined) throw new ElanusError('InvalidArgument', `format: expected one of ${EXPORT_FORMATS.join(', ')}, found ${JSON.stringify(format)}`);
  return known;
}

export function formatOfName(name: string): ImportFormat | undefined {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined;
}
