// StatusBar: how the session with the server is, what is kept here and how much room it takes, what is being fetched; and a
// button to install the page, where the browser offers that.

import type { JSX } from 'preact';
import type { App } from '../data/use-app.js';
import { useInstall } from '../data/use-install.js';
import { SyncProgress } from './sync-progress.js';
import { SyncState } from './sync-state.js';

const MIB = 2 ** 20;

export function StatusBar({ app }: { readonly app: App }): JSX.Element {
  const install = useInstall();
  return (
    <div class="status">
      <SyncState session={app.session} status={app.sync} />
      <span id="kept">{keptOf(app)}</span>
      {app.sync?.progress !== undefined && <SyncProgress what="Fetching pictures" progress={app.sync.progress} />}
      {install !== undefined && (
        <button type="button" onClick={install}>
          Install
        </button>
      )}
      {app.health?.warnings.map((warning) => (
        <span key={warning} class="trouble">
          {warning}
        </span>
      ))}
    </div>
  );
}

function keptOf({ counts, health, sync }: App): string {
  if (health === undefined || counts.notes === undefined) return 'Opening the database…';
  const fromBefore = sync !== undefined && sync.syncedMs === undefined && sync.state !== 'pulling';
  const pictures = counts.pictures === undefined ? '' : ` and ${counts.pictures.toLocaleString('en')} pictures${fromBefore ? ' of an earlier visit' : ''}`;
  return `${counts.notes.toLocaleString('en')} notes${pictures}; ${roomOf(health)}`;
}

function roomOf({ durable, storage, usageBytes, quotaBytes, persisted }: NonNullable<App['health']>): string {
  if (!durable) return 'not kept, as this browser offers no storage.';
  const used = usageBytes === undefined ? '' : `${sizeOf(usageBytes)}${quotaBytes === undefined ? '' : ` of ${sizeOf(quotaBytes)}`} `;
  return `${used}kept in this browser (${storage}${persisted === true ? ', for good' : ''}).`;
}

function sizeOf(sizeBytes: number): string {
  const mib = sizeBytes / MIB;
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)} GiB` : `${mib.toFixed(mib >= 100 ? 0 : 1)} MiB`;
}
