// ImportDirectory: files to import from one directory of this machine, and from nowhere else: neither by dots nor by links does a
// path lead out of it. What became of jobs is kept in a file of its own, written beside and renamed.

import { open as openFile, readFile, realpath, rename, type FileHandle } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Ambient } from '../../ports/ambient.js';
import { RefusedRequest, STATUS } from '../status.js';
import { JOB_LIMITS, type ImportJob } from './import-job.js';
import type { ImportSource, OpenedFile } from './import-source.js';
import { readAt } from '../../platform/node-file.js';

export interface ImportDirectoryOptions {
  readonly directory: string;
  /** Where jobs are kept, in clear; undefined: they are forgotten when the server stops. */
  readonly stateFile: string | undefined;
  readonly log: Ambient['log'];
}

export function importDirectory({ directory, stateFile, log }: ImportDirectoryOptions): ImportSource {
  return {
    open: (path) => openWithin(directory, path),
    readJobs: async () => (stateFile === undefined ? [] : readJobs(stateFile, log)),
    keepJobs: async (jobs) => (stateFile === undefined ? undefined : keepJobs(stateFile, jobs)),
  };
}

async function openWithin(directory: string, path: string): Promise<OpenedFile> {
  const handle = await openSafely(directory, path);
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw refused(path, 'is no file');
    const read = (offset: number, length: number): Promise<Uint8Array> => readAt(handle, offset, length);
    return { bytes: { size: info.size, read }, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openSafely(directory: string, path: string): Promise<FileHandle> {
  if (path === '' || path.length > JOB_LIMITS.pathLengthMax || path.includes('\0')) throw refused(path, `expected a path of 1 to ${JOB_LIMITS.pathLengthMax} characters`);
  try {
    const root = await realpath(directory);
    const place = await realpath(join(root, path));
    if (!place.startsWith(root + sep)) throw refused(path, 'leads out of the directory of imports');
    return await openFile(place, 'r');
  } catch (error) {
    // What lies elsewhere, or why it cannot be read, is not the caller's to know.
    if (error instanceof RefusedRequest) throw error;
    throw refused(path, 'is not in the directory of imports, or cannot be read');
  }
}


function refused(path: string, why: string): RefusedRequest {
  return new RefusedRequest(STATUS.importFailed, `file ${JSON.stringify(path.slice(0, 200))}: ${why}`);
}

async function readJobs(stateFile: string, log: Ambient['log']): Promise<readonly ImportJob[]> {
  let text: string;
  try {
    text = await readFile(stateFile, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) log('error', 'the list of import jobs cannot be read: it begins anew', { file: stateFile, error });
    return [];
  }
  // Where nothing was ever imported, nothing of this is loaded.
  const { decodeJobs } = await import('./job-list.js');
  const jobs = decodeJobs(text);
  // A history that cannot be read is no reason not to serve: it is told, and begins anew.
  if (jobs === undefined) log('error', 'the list of import jobs is damaged, or of another version: it begins anew', { file: stateFile });
  return jobs ?? [];
}

async function keepJobs(stateFile: string, jobs: readonly ImportJob[]): Promise<void> {
  const { encodeJobs } = await import('./job-list.js');
  const text = encodeJobs(jobs);
  const beside = resolve(`${stateFile}.new`);
  const handle = await openFile(beside, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, stateFile);
}
