// The little XML that S3 answers with: a page of a list, and the code of a refusal. Both are untrusted; what is not
// as expected is refused, what is not asked for is passed over.

import { ElanusError } from '../model/errors.js';
import type { ListedObject } from './object-store.js';

export interface S3Page {
  readonly objects: readonly ListedObject[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** A ListBucketResult of ListObjectsV2. Errors: `Network`. */
export function parsePage(xml: string, about: string): S3Page {
  if (!xml.includes('<ListBucketResult')) throw new ElanusError('Network', `${about}: expected a list, found ${JSON.stringify(xml.slice(0, 100))}`);
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, entry = '']) => {
    const name = textOf(entry, 'Key');
    const sizeBytes = Number(textOf(entry, 'Size') ?? NaN);
    if (name === undefined || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new ElanusError('Network', `${about}: expected Key and Size, found ${JSON.stringify(entry.slice(0, 100))}`);
    return { name, sizeBytes };
  });
  if (textOf(xml, 'IsTruncated') !== 'true') return { objects, next: undefined };
  const next = textOf(xml, 'NextContinuationToken');
  if (next === undefined || next === '') throw new ElanusError('Network', `${about}: cut short without a token to go on from`);
  return { objects, next };
}

/** The code and message of an Error document; empty where there is none. */
export function parseError(xml: string): { readonly code: string; readonly message: string } {
  return { code: textOf(xml, 'Code') ?? '', message: textOf(xml, 'Message') ?? '' };
}

function textOf(xml: string, element: string): string | undefined {
  const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
  return text?.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole;
    const point = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
