// Origin: where a copy is from, as the catalog has it: the URL of a server, and which of its databases if that is not the
// default one; and the addresses of what the server has of a collection.

import { DEFAULT_DATABASE } from '../format/catalog.js';
import { require } from '../model/errors.js';

export interface Origin {
  /** Without query and without "/" at its end. */
  readonly url: string;
  /** Of the server. */
  readonly database: string;
}

const QUERY = '?database=';

/** Of a server, without "/" at its end. Errors: `InvalidArgument`. */
export function checkUrl(url: unknown, where: string): string {
  require(typeof url === 'string' && /^https?:\/\/[^?#]+$/.test(url), () => `${where}: expected an http(s) URL without query, found ${JSON.stringify(url)}`);
  return url.replace(/\/+$/, '');
}

export function originText({ url, database }: Origin): string {
  return database === DEFAULT_DATABASE ? url : `${url}${QUERY}${encodeURIComponent(database)}`;
}

export function originOf(text: string): Origin {
  const at = text.indexOf(QUERY);
  return at < 0 ? { url: text, database: DEFAULT_DATABASE } : { url: text.slice(0, at), database: decodeURIComponent(text.slice(at + QUERY.length)) };
}

/** Of `path` below a collection; `query` has what is asked for beside the database. */
export function addressOf({ url, database }: Origin, collection: string, path: string, query: Readonly<Record<string, string>> = {}): string {
  const asked = Object.entries({ ...(database === DEFAULT_DATABASE ? {} : { database }), ...query }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${url}/v1/collections/${encodeURIComponent(collection)}/${path}${asked.length === 0 ? '' : `?${asked.join('&')}`}`;
}
