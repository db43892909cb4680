// StatusBar: whether there is a network, what is kept here and how much room it takes, what is being fetched; and a button
// to install the page, where the browser offers that.

import type { JSX } from 'preact';
import type { App } from '../data/use-app.js';
import { useInstall } from '../data/use-install.js';
import { useOnline } from '../data/use-online.js';
import { SyncProgress } from './sync-progress.js';

const MIB = 2 ** 20;

export function StatusBar({ app }: { readonly app: App }): JSX.Element {
  const online = useOnline();
  const install = useInstall();
  return (
    <div class="status">
      <span class={`badge ${online ? 'good' : 'away'}`} role="status">
        {online ? 'Online' : 'Offline'}
      </span>
      <span id="kept">{keptOf(app)}</span>
      {app.fetching !== undefined && <SyncProgress what="Fetching pictures" progress={app.fetching} />}
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

function keptOf({ counts, health, fromBefore }: App): string {
  if (health === undefined || counts.notes === undefined) return 'Opening the database…';
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
