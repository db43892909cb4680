// SyncProgress: how far the fetching of files is, as the status of a session tells it: files and bytes, of which all are known.

import type { JSX } from 'preact';

export interface Fetching {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

interface SyncProgressProps {
  readonly what: string;
  readonly progress: Fetching;
}

export function SyncProgress({ what, progress: { bytes, bytesTotal, files, filesTotal } }: SyncProgressProps): JSX.Element {
  return (
    <span class="sync">
      <progress value={bytes} max={Math.max(bytesTotal, 1)} aria-label={what} />
      <span>
        {what}: file {Math.min(files + 1, filesTotal)} of {filesTotal}, {(bytes / 2 ** 20).toFixed(1)} of {(bytesTotal / 2 ** 20).toFixed(1)} MiB
      </span>
    </span>
  );
}
