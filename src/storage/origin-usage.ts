// What the browser tells of an origin's storage as a whole; other data of the same site is counted with it.

import type { StorageUsage } from '../ports/storage.js';

export async function originUsage(): Promise<StorageUsage> {
  // Absent in Node and on pages without a secure context.
  const manager = globalThis.navigator?.storage as StorageManager | undefined;
  if (manager === undefined) return {};
  const [{ usage, quota }, persisted] = await Promise.all([manager.estimate(), manager.persisted()]);
  return {
    ...(usage === undefined ? {} : { usageBytes: usage }),
    ...(quota === undefined ? {} : { quotaBytes: quota }),
    persisted,
  };
}
