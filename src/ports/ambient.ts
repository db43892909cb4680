// Ambient: the port for what surrounds us: clock, randomness, hashing, log. Tests fill it from a seed.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Ambient {
  /** Milliseconds since 1970, may step. */
  nowMs(): number;
  randomBytes(count: number): Uint8Array;
  sha256(bytes: Uint8Array): Promise<Uint8Array>;
  /** Resolves after other work of this thread has had its turn. */
  pause(): Promise<void>;
  /** Gives the memory of a buffer back now, which has no bytes from then on. Where this is absent the collector does it in its time. */
  free?(buffer: ArrayBuffer): void;
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}
