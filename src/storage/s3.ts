// S3 storage: the files of one folder of a bucket, on Amazon S3 or any server that speaks its language and honours
// If-None-Match. Opening it to write proves that first.

import { require } from '../model/errors.js';
import type { ReadStorage, Storage } from '../ports/storage.js';
import { GuardedReads, GuardedStorage } from './guard.js';
import { checkFolder } from './object-store.js';
import { ObjectBackend, ObjectReads } from './objects.js';
import { S3Store } from './s3-store.js';
import { WebClient, type WebClientOptions } from './web-client.js';

export interface S3Options {
  /** Origin of the server. Default: Amazon's for the region. Buckets are addressed by path. */
  readonly endpoint?: string;
  readonly bucket: string;
  /** Folder of the bucket that holds the files: "" or a path ending in "/". Default "". */
  readonly prefix?: string;
  /** Default: us-east-1, which other servers take or ignore. */
  readonly region?: string;
  readonly credentials: S3Credentials;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type S3Folder = Required<S3Options>;

/** Opens the folder to read. Nothing is asked of the server yet. */
export function s3Reads(options: S3Options, web: WebClientOptions = {}): ReadStorage {
  return new GuardedReads(new ObjectReads(storeOf(options, web)));
}

/**
 * Opens the folder to write. There is no lock: who opens a log takes it over. Errors: `Unsupported` if the server lets
 * several create one object; `Network` with the status if it refuses us; `NotFound` if there is no such bucket.
 */
export async function openS3Storage(options: S3Options, web: WebClientOptions = {}): Promise<Storage> {
  const backend = new ObjectBackend(storeOf(options, web));
  await backend.prove();
  return new GuardedStorage(backend);
}

function storeOf(options: S3Options, web: WebClientOptions): S3Store {
  const { bucket, prefix = '', region = 'us-east-1', credentials } = options;
  const { endpoint = `https://s3.${region}.amazonaws.com` } = options;
  require(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol) && new URL(endpoint).origin === endpoint, () => `S3 endpoint: expected an origin like https://s3.example.org, found ${JSON.stringify(endpoint)}`);
  require(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket), () => `S3 bucket: expected 3 to 63 of [a-z0-9.-], found ${JSON.stringify(bucket)}`);
  require(/^[a-z0-9-]{1,64}$/.test(region), () => `S3 region: expected a name of [a-z0-9-], found ${JSON.stringify(region)}`);
  require(credentials.accessKeyId !== '' && credentials.secretAccessKey !== '', () => 'S3 credentials: expected an accessKeyId and a secretAccessKey');
  checkFolder('S3', prefix);
  return new S3Store({ endpoint, bucket, prefix, region, credentials }, new WebClient(web));
}
