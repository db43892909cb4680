// Limits of the port: how many may be connected, and how long each may take to say what it wants. Each is a setting.

export interface PortLimits {
  /** Connections at once; more are closed as they come. */
  readonly connectionsMax: number;
  /** Of the headers of an HTTP request. */
  readonly headerBytesMax: number;
  /** Within which a client must have said which protocol it speaks, the TLS handshake included. */
  readonly firstBytesMs: number;
  /** Within which the headers of an HTTP request must be there. */
  readonly headerMs: number;
  /** Within which a whole request must be there: however slowly a body drips, it ends. */
  readonly requestMs: number;
  /** Within which a client must take something of an answer that waits for it. */
  readonly writeMs: number;
  /** After which an HTTP connection that is between requests is closed. */
  readonly idleMs: number;
  /** How long running requests may go on when the port closes. */
  readonly stopMs: number;
}

export const PORT_LIMITS: PortLimits = {
  connectionsMax: 2048,
  headerBytesMax: 16 * 1024,
  firstBytesMs: 10_000,
  headerMs: 15_000,
  requestMs: 300_000,
  writeMs: 60_000,
  idleMs: 75_000,
  stopMs: 10_000,
};
