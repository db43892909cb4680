// What an S3 server checks of a request before it does anything: SigV4 in the Authorization header, and the SHA-256
// of the body. Written from Amazon's description of Signature Version 4, apart from the code that signs.

import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Secret {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const authorization = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** The S3 code of what is wrong with the request; undefined if nothing is. */
export function refusedSignature(request: IncomingMessage, body: Buffer, secret: Secret): string | undefined {
  const [, keyId, day = '', region = '', signedNames = '', signature] = authorization.exec(request.headers.authorization ?? '') ?? [];
  if (keyId !== secret.accessKeyId) return keyId === undefined ? 'AccessDenied' : 'InvalidAccessKeyId';
  const bodyHash = sha256(body);
  if (request.headers['x-amz-content-sha256'] !== bodyHash) return 'XAmzContentSHA256Mismatch';
  const names = signedNames.split(';');
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.includes(name))) return 'AccessDenied';
  const url = new URL(request.url ?? '/', 'http://localhost');
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&');
  const headers = names.map((name) => `${name}:${String(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`).join('');
  const path = url.pathname.split('/').map((part) => encode(decodeURIComponent(part))).join('/');
  const canonical = [request.method, path, query, headers, signedNames, bodyHash].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>((before, part) => createHmac('sha256', before).update(part).digest(), `AWS4${secret.secretAccessKey}`);
  return createHmac('sha256', key).update(toSign).digest('hex') === signature ? undefined : 'SignatureDoesNotMatch';
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
