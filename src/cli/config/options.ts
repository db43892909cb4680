// Options: every setting of `elanus serve`. This table is all there is: the flags, the variables, the keys of a file, the
// help, the completion and the reference in docs/server.md are made of it or checked against it.

import { ADMISSION_LIMITS } from '../../server/admission.js';
import { ANSWER_MEMORY_MAX } from '../../server/answer-memory.js';
import { BODY_MEMORY_MAX } from '../../server/body-memory.js';
import { REQUEST_BYTES_MAX } from '../../server/body.js';
import { PORT_LIMITS } from '../../server/port/limits.js';
import { UsageError } from '../command.js';
import { choice, choiceOr, durationOr, list, size, sizeOr, text, textOr, toggle, whole, wholeOr } from './option.js';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const HOUR = 3_600_000;

export const OPTIONS = {
  data: text({ section: 'Data', operand: 'DIR', path: 'directory', about: 'where the databases are, created if absent' }),
  'backup-dir': text({ section: 'Data', operand: 'DIR', path: 'directory', about: 'where backups go that are asked for while the server runs' }),
  'key-file': text({ section: 'Data', operand: 'FILE', path: 'file', about: 'the key of an encrypted database: 32 bytes, or 64 hexadecimal digits' }),
  'import-dir': text({ section: 'Data', operand: 'DIR', path: 'directory', about: 'where files lie that clients may ask to import', defaultText: 'the folder import within --data' }),
  'on-conflict': text({ section: 'Data', operand: 'FILE', path: 'file', about: 'a module of JavaScript with functions by collection that decide between pushed rows and what somebody else wrote; it is code that the server runs', defaultText: 'the later write stays' }),
  core: choice(['native', 'wasm'], { section: 'Data', about: 'the core to compute with', defaultText: 'native, or wasm with a warning where it does not load' }),
  threads: whole({ min: 1, max: 64 }, { section: 'Data', about: 'threads that search and build indexes', defaultText: 'one per processor' }),
  'max-memory': size({ min: 16 * MIB, max: 1024 * GIB }, { section: 'Data', about: 'what vectors, indexes, columns and keys may take in memory', defaultText: 'no limit' }),

  host: textOr('127.0.0.1', { section: 'Listening', operand: 'HOST', about: 'address to listen on' }),
  port: wholeOr(19530, { min: 0, max: 65_535 }, { section: 'Listening', about: 'port to listen on, 0 for any free one' }),
  cors: list({ section: 'Listening', operand: 'ORIGIN', about: 'origin of a web page that may use the server, or * for all; may be repeated' }, checkOrigin),
  demo: text({ section: 'Listening', operand: 'DIR', path: 'directory', about: 'a built demo page, served at /demo/' }),
  console: choiceOr('on', ['on', 'off'], { section: 'Listening', about: 'the console, a page about the server, at /' }),

  'tls-cert': text({ section: 'TLS', operand: 'FILE', path: 'file', about: 'certificate chain in PEM; with it the port speaks TLS alone' }),
  'tls-key': text({ section: 'TLS', operand: 'FILE', path: 'file', about: 'private key of the certificate, in PEM' }),
  'tls-client-ca': text({ section: 'TLS', operand: 'FILE', path: 'file', about: 'certificates in PEM by one of which every client must have been signed' }),

  'max-connections': wholeOr(PORT_LIMITS.connectionsMax, { min: 1, max: 100_000 }, { section: 'Limits', about: 'connections at once; more are closed as they come' }),
  'max-requests': wholeOr(ADMISSION_LIMITS.runningMax, { min: 1, max: 10_000 }, { section: 'Limits', about: 'requests that run at once; more wait' }),
  'max-waiting': wholeOr(ADMISSION_LIMITS.waitingMax, { min: 0, max: 100_000 }, { section: 'Limits', about: 'requests that wait; more are refused (code 8, HTTP 429)' }),
  'wait-timeout': durationOr(ADMISSION_LIMITS.waitMs, { min: 1, max: HOUR }, { section: 'Limits', about: 'how long a request waits before it is refused' }),
  'max-body': sizeOr(REQUEST_BYTES_MAX, { min: KIB, max: GIB }, { section: 'Limits', about: 'size of a request with rows, keys or a filter; a larger one is refused before it is read' }),
  'max-body-memory': sizeOr(BODY_MEMORY_MAX, { min: MIB, max: 1024 * GIB }, { section: 'Limits', about: 'bytes of request bodies in memory at once; beyond it requests are refused (code 8, over REST with HTTP 429)' }),
  'max-answer-memory': sizeOr(ANSWER_MEMORY_MAX, { min: MIB, max: 1024 * GIB }, { section: 'Limits', about: 'bytes of answers over gRPC in memory that clients have not taken; beyond it those that wait for the longest are broken off' }),
  'max-header': sizeOr(PORT_LIMITS.headerBytesMax, { min: KIB, max: MIB }, { section: 'Limits', about: 'size of the headers of an HTTP request' }),
  'first-bytes-timeout': durationOr(PORT_LIMITS.firstBytesMs, { min: 100, max: HOUR }, { section: 'Limits', about: 'within which a client must have said which protocol it speaks, the TLS handshake included' }),
  'header-timeout': durationOr(PORT_LIMITS.headerMs, { min: 100, max: HOUR }, { section: 'Limits', about: 'within which the headers of an HTTP request must be there' }),
  'body-timeout': durationOr(PORT_LIMITS.requestMs, { min: 100, max: HOUR }, { section: 'Limits', about: 'within which a whole request must be there' }),
  'write-timeout': durationOr(PORT_LIMITS.writeMs, { min: 100, max: HOUR }, { section: 'Limits', about: 'within which a client must take something of an answer that waits for it' }),
  'idle-timeout': durationOr(PORT_LIMITS.idleMs, { min: 100, max: HOUR }, { section: 'Limits', about: 'after which an HTTP connection without a request is closed' }),
  'stop-timeout': durationOr(PORT_LIMITS.stopMs, { min: 0, max: HOUR }, { section: 'Limits', about: 'how long running requests may go on after SIGTERM' }),

  auth: toggle({ section: 'Access', about: 'callers must log in, and may do what their roles are granted' }),
  'root-password': text({ section: 'Access', isSecret: true, about: 'of root, until it is changed there', defaultText: 'Milvus' }),
  audit: toggle({ section: 'Access', about: 'changes and refusals are written down, also without --auth, which does so anyway' }),
  'server-names': list({ section: 'Access', operand: 'NAME', about: 'a name by which web pages and proxies reach the server; addresses and localhost are known; may be repeated' }, checkServerName),
  'oidc-issuer': text({ section: 'Access', operand: 'URL', about: 'identity provider (OpenID Connect, or OAuth2 with JWTs) whose bearer tokens are taken, as its tokens name it' }),
  'oidc-jwks': text({ section: 'Access', operand: 'URL', about: 'where its keys are', defaultText: 'as its discovery document says' }),
  'oidc-audience': list({ section: 'Access', operand: 'TEXT', about: 'for whom tokens must be; may be repeated' }),
  'oidc-algorithms': list({ section: 'Access', operand: 'NAME', about: 'signatures that are taken, e.g. RS256; may be repeated' }),
  'oidc-clock-skew': durationOr(60_000, { min: 0, max: 600_000 }, { section: 'Access', about: 'how much the clock of the provider may differ' }),
  'oidc-user-claim': textOr('sub', { section: 'Access', operand: 'NAME', about: 'claim of a token that names the user' }),
  'oidc-roles-claim': text({ section: 'Access', operand: 'NAME', about: 'claim of a token that names roles of the same names here; a.b is within a', defaultText: 'none' }),
  'oidc-role': list({ section: 'Access', operand: 'CLAIM=ROLE', about: 'role here for what the claim says; with any, no other counts; may be repeated' }, checkRoleOfClaim),
  'oidc-default-role': list({ section: 'Access', operand: 'ROLE', about: 'role of every user of the provider; may be repeated' }),
  'oidc-local-roles': toggle({ section: 'Access', about: 'a user of the provider has the roles of the user of that name here, too' }),

  'log-format': choiceOr('text', ['text', 'json'], { section: 'Log', about: 'one line an event on stderr, for people or for machines' }),
  'log-level': choiceOr('info', ['debug', 'info', 'warn', 'error'], { section: 'Log', about: 'the least level that is written; debug has a line for every request' }),
} as const;

export type OptionName = keyof typeof OPTIONS;
export type Settings = { readonly [Name in OptionName]: ReturnType<(typeof OPTIONS)[Name]['read']> };

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** Of the flag and the variable that name a configuration file. */
export const CONFIG = { name: 'config', operand: 'FILE', about: 'a file of settings, in YAML or JSON, by the names of the flags' } as const;

export function variableOf(name: string): string {
  return `ELANUS_${name.toUpperCase().replaceAll('-', '_')}`;
}

function checkServerName(name: string, where: string): void {
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)) throw new UsageError(`${where}: expected the name of a host like db.example, found "${name}"`);
}

function checkRoleOfClaim(text: string, where: string): void {
  if (!/^[^=]+=[A-Za-z_][A-Za-z0-9_]*$/.test(text)) throw new UsageError(`${where}: expected CLAIM=ROLE, found "${text}"`);
}

function checkOrigin(origin: string, where: string): void {
  if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return;
  throw new UsageError(`${where}: expected an origin like https://app.example, or *, found "${origin}"`);
}

