// Certificates for tests of TLS: an authority and another, with certificates that they signed, made anew by openssl for a day or two.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  /** The path of `NAME.pem`, `NAME.key`: of `ca`, `server`, `second` and `client`, and of `stranger`, whom another authority signed. */
  at(file: string): string;
  remove(): void;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const SIGNED = [['server', 'ca'], ['second', 'ca'], ['client', 'ca'], ['stranger', 'other-ca']] as const;

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'elanus-tls-'));
  const openssl = (...words: readonly string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  for (const ca of ['ca', 'other-ca']) openssl('req', '-x509', ...KEY, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`, '-days', '2');
  for (const [name, ca] of SIGNED) {
    openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-copy_extensions', 'copy', '-days', '2', '-out', `${name}.pem`);
  }
  openssl('req', '-in', 'server.csr', '-outform', 'DER', '-out', 'server.der');
  return { at: (file) => join(folder, file), remove: () => rmSync(folder, { recursive: true }) };
}
