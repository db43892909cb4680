// Changes: asks a server to tell when a collection is another than it was: a request that is answered late, and carries no data.

import { decodeText } from '../../format/bytes.js';
import { ElanusError } from '../../model/errors.js';
import type { Transport } from '../../ports/transport.js';
import type { Waking } from '../../ports/waking.js';
import { addressOf, type Origin } from '../origin.js';
import { refusalOf } from '../refusal.js';

/** A server answers after 25 s at the latest. */
const TIMEOUT_MS = 60_000;
const ANSWER_BYTES_MAX = 1024;

export interface Changes {
  readonly transport: Transport;
  readonly waking: Waking;
  readonly origin: Origin;
  readonly collection: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The version that the server has, as soon as it is not `since`, or after a while. Errors: `Network`, `NotFound`; `Closed` if aborted. */
export async function nextVersion({ transport, waking, origin, collection, headers, signal }: Changes, since: number): Promise<number> {
  const either = new AbortController();
  const abort = (): void => either.abort();
  signal.addEventListener('abort', abort);
  const forget = waking.after(TIMEOUT_MS, abort);
  const request = addressOf(origin, collection, 'changes', { since: String(since) });
  try {
    if (signal.aborted) abort();
    const response = await transport.get({ url: request, headers, signal: either.signal });
    if (response.status !== 200) throw refusalOf(`GET ${request}`, response);
    return versionIn(decodeText(await response.bytes(ANSWER_BYTES_MAX), request, 'answer'), request);
  } catch (error) {
    if (either.signal.aborted && !signal.aborted) throw new ElanusError('Network', `${request}: no answer in ${TIMEOUT_MS} ms`, { cause: error });
    throw error;
  } finally {
    forget();
    signal.removeEventListener('abort', abort);
  }
}

function versionIn(text: string, where: string): number {
  let version: unknown;
  try {
    ({ version } = JSON.parse(text) as { readonly version?: unknown });
  } catch (cause) {
    throw new ElanusError('Network', `${where}: expected JSON, found ${text.slice(0, 80)}`, { cause });
  }
  if (!Number.isSafeInteger(version) || (version as number) < 0) throw new ElanusError('Network', `${where}: expected a version, found ${text.slice(0, 80)}`);
  return version as number;
}
