// TLS: the certificate, key and client authorities of the port, read from PEM files, at the start and again when asked to.
// Files that do not fit together are refused whole, so that what was in use stays in use.

import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** With it, only clients with a certificate that one of these has signed may connect. */
  readonly clientCa?: string;
}

/** TLS 1.2 and 1.3; gRPC over `h2`, all else over `http/1.1`. */
const PROTOCOLS = ['h2', 'http/1.1'];

/** Errors: what the files are not, naming them. */
export async function readTls(files: TlsFiles): Promise<SecureContextOptions> {
  const [cert, key, ca] = await Promise.all([readPem('certificate', files.cert), readPem('key', files.key), files.clientCa === undefined ? undefined : readPem('client authority', files.clientCa)]);
  const options: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) };
  try {
    createSecureContext(options);
    return options;
  } catch (error) {
    throw new Error(`TLS: ${files.cert} and ${files.key} are no certificate and its key: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

export function serverTls(context: SecureContextOptions, files: TlsFiles, handshakeTimeoutMs: number): TlsOptions {
  const asksClients = files.clientCa !== undefined;
  return { ...context, ALPNProtocols: PROTOCOLS, handshakeTimeout: handshakeTimeoutMs, requestCert: asksClients, rejectUnauthorized: asksClients };
}

async function readPem(what: string, path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new Error(`TLS: the ${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
  if (!bytes.includes('-----BEGIN ')) throw new Error(`TLS: ${path}: expected a ${what} in PEM`);
  return bytes;
}
