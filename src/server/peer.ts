// Peer: the address of the client, as the adaptor of Node tells it. Headers that claim another are believed of nobody.

import type { Context } from 'hono';

export function peerOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? 'unknown';
}
