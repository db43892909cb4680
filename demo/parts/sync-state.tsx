// SyncState: how the live session with the server is, in a word, when it last had all or tries again, and a button that pauses it
// in every tab.

import type { SessionStatus, SyncSession } from 'elanus';
import type { JSX } from 'preact';
import { useOnline } from '../data/use-online.js';

const WORDS: Readonly<Record<SessionStatus['state'], string>> = { pulling: 'Fetching', pushing: 'Sending', idle: 'Online', offline: 'Offline', waiting: 'Waiting', full: 'No room', paused: 'Paused', error: 'Not synced', stopped: 'Not synced' };
const GOOD: readonly SessionStatus['state'][] = ['pulling', 'pushing', 'idle'];

interface SyncStateProps {
  readonly session: SyncSession | undefined;
  readonly status: SessionStatus | undefined;
}

export function SyncState({ session, status }: SyncStateProps): JSX.Element {
  const online = useOnline();
  const paused = status?.state === 'paused';
  // Before the database is open, and while an answer is waited for that will not come, the browser alone knows.
  const state = !online && !paused ? 'offline' : (status?.state ?? 'idle');
  const steer = (): void => void (paused ? session?.resume() : session?.pause());
  return (
    <>
      <span class={`badge ${GOOD.includes(state) ? 'good' : 'away'}`} role="status">
        {WORDS[state]}
      </span>
      {status !== undefined && <span id="synced">{whenOf(status, state)}</span>}
      {session !== undefined && (
        <button type="button" class="small" onClick={steer}>
          {paused ? 'Resume' : 'Pause'}
        </button>
      )}
    </>
  );
}

function whenOf({ syncedMs, retryMs, error }: SessionStatus, state: SessionStatus['state']): string {
  if (state === 'error') return error?.message ?? '';
  if (retryMs !== undefined) return `Tries again at ${timeOf(retryMs)}.`;
  return syncedMs === undefined ? '' : `Pictures as of ${timeOf(syncedMs)}.`;
}

const timeOf = (ms: number): string => new Date(ms).toLocaleTimeString('en', { hour12: false });
