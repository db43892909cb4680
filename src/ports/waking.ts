// Waking: the port for what wakes work that goes on by itself: time that passes, a network that comes back. Absent where
// nothing may happen by itself.

export interface Waking {
  /** Calls `work` once when `ms` have passed, unless what is returned is called first. */
  after(ms: number, work: () => void): () => void;
  /** Whether the platform is sure that there is no network. */
  isOffline(): boolean;
  /** Calls `work` whenever the platform tells that there is a network again, until what is returned is called. */
  onOnline(work: () => void): () => void;
}
