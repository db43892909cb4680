// Throttle: a page of Chromium and the workers that it starts behind a slow network, by the browser's own emulation, with a
// count of the bytes that came over it, and of when.

import type { CDPSession, Page } from 'playwright';

export interface Network {
  readonly megabitsPerSecond: number;
  /** Added to every request. */
  readonly latencyMs: number;
}

export interface Throttled {
  /** Bytes of answers that were whole, headers included, of the page and its workers. */
  readonly bytes: (span?: Span) => number;
  /** Bytes of bodies alone, as they came over the network, also of those that were not whole. */
  readonly bodyBytes: (span?: Span) => number;
  /** No limit from now on; bytes are counted on. */
  lift(): Promise<void>;
}

/** Of time, ms as of `Date.now`. */
export interface Span {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

interface Message {
  readonly method?: string;
  readonly params?: {
    readonly encodedDataLength?: number;
    /** Seconds of the browser's own clock, and of the wall's. */
    readonly timestamp?: number;
    readonly wallTime?: number;
  };
}

interface Piece {
  readonly atS: number;
  readonly bytes: number;
}

const NO_LIMIT: Network = { megabitsPerSecond: 0, latencyMs: 0 };

/** Of workers that start from now on too: each waits until it is throttled. */
export async function throttle(page: Page, network: Network): Promise<Throttled> {
  const devTools = await page.context().newCDPSession(page);
  const workers = new Set<string>();
  const [wholes, pieces]: [Piece[], Piece[]] = [[], []];
  let [limits, ids, wallAheadS] = [network, 0, 0];
  const note = ({ method, params: { encodedDataLength = 0, timestamp = 0, wallTime = 0 } = {} }: Message): void => {
    if (method === 'Network.loadingFinished') wholes.push({ atS: timestamp, bytes: encodedDataLength });
    if (method === 'Network.dataReceived') pieces.push({ atS: timestamp, bytes: encodedDataLength });
    if (method === 'Network.requestWillBeSent') wallAheadS = wallTime - timestamp;
  };
  const sumOf = (of: readonly Piece[], { fromMs = -Infinity, untilMs = Infinity }: Span = {}): number => of.map(({ atS, bytes }) => ({ atMs: (atS + wallAheadS) * 1000, bytes })).reduce((sum, { atMs, bytes }) => sum + (atMs >= fromMs && atMs <= untilMs ? bytes : 0), 0);
  devTools.on('Network.loadingFinished', (params) => note({ method: 'Network.loadingFinished', params }));
  devTools.on('Network.dataReceived', (params) => note({ method: 'Network.dataReceived', params }));
  devTools.on('Network.requestWillBeSent', (params) => note({ method: 'Network.requestWillBeSent', params }));
  const send = (sessionId: string, method: string, params: object = {}): Promise<unknown> => devTools.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: ++ids, method, params }) });
  devTools.on('Target.receivedMessageFromTarget', ({ message }) => note(JSON.parse(message) as Message));
  devTools.on('Target.attachedToTarget', ({ sessionId }) => {
    workers.add(sessionId);
    void (async () => {
      await send(sessionId, 'Network.enable');
      await send(sessionId, 'Network.emulateNetworkConditions', conditions(limits));
      await send(sessionId, 'Runtime.runIfWaitingForDebugger');
    })();
  });
  devTools.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  await limit(devTools, network);
  await devTools.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: false });
  return {
    bytes: (span) => sumOf(wholes, span),
    bodyBytes: (span) => sumOf(pieces, span),
    lift: async () => {
      limits = NO_LIMIT;
      await limit(devTools, limits);
      for (const sessionId of workers) await send(sessionId, 'Network.emulateNetworkConditions', conditions(limits));
    },
  };
}

async function limit(devTools: CDPSession, network: Network): Promise<void> {
  await devTools.send('Network.enable');
  await devTools.send('Network.emulateNetworkConditions', conditions(network));
}

function conditions({ megabitsPerSecond, latencyMs }: Network) {
  const throughput = megabitsPerSecond === 0 ? -1 : (megabitsPerSecond * 1e6) / 8;
  return { offline: false, latency: latencyMs, downloadThroughput: throughput, uploadThroughput: throughput };
}
