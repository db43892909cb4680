// elanus audit: looks at the audit log of a data directory, also while a server writes it. It changes nothing.

import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readChain, type ChainReport } from '../server/audit/chain.js';
import { AUDIT_PARTS, type AuditPart, type AuditSource, type Head } from '../server/audit/files.js';
import type { AuditLine } from '../server/audit/line.js';
import { ACCESS_FOLDER } from './access.js';
import { parseWords, UsageError, type Command } from './command.js';
import { oneOf } from './data.js';
import { table, toJson } from './place.js';

const VERBS = ['verify', 'show', 'head'] as const;
const OUTCOMES = ['done', 'failed', 'refused'] as const;

const HELP = `Usage: elanus audit verify|show|head --data DIR [options]

The audit log has a line for every change and every refusal; each line holds the one before it by its hash. Refusals have a
chain of their own.

  verify            reads all of it; exit code 1 and the first line that is wrong if it is not what was written
  show              the last lines
  head              number and hash of the last line: noted elsewhere, they show later whether anything before was changed

  --data DIR        where the databases are
  --expect N:HASH   verify: that line must be there, as it was noted
  --refusals        verify, head: the line is one of the refusals
  --last N          show: so many lines (default 20)
  --user NAME       show: of this user
  --verb TEXT       show: of this path or procedure
  --outcome WORD    show: ${OUTCOMES.join(', ')}
  --json            print one JSON object
  --help            this text

Examples:
  elanus audit verify --data ./data
  elanus audit show --outcome refused --last 50 --data ./data
  elanus audit head --data ./data
`;

const FLAGS = {
  data: { type: 'string' },
  expect: { type: 'string' },
  refusals: { type: 'boolean', default: false },
  last: { type: 'string', default: '20' },
  user: { type: 'string' },
  verb: { type: 'string' },
  outcome: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const LAST_MAX = 100_000;

export const audit: Command = { help: HELP, flags: FLAGS, run };

async function run(words: readonly string[]): Promise<number> {
  const { values: flags, others } = parseWords(words, FLAGS, 1);
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const verb = VERBS.find((known) => known === others[0]);
  if (verb === undefined) throw new UsageError(`expected ${VERBS.join(', ')}, found ${others[0] === undefined ? 'nothing' : `"${others[0]}"`}`);
  if (flags.data === undefined || flags.data === '') throw new UsageError('--data DIR is missing: where the databases are');
  if (!/^[1-9]\d{0,5}$/.test(flags.last) || Number(flags.last) > LAST_MAX) throw new UsageError(`--last: expected 1 to ${LAST_MAX}, found "${flags.last}"`);
  const source = folderSource(join(resolve(flags.data), ACCESS_FOLDER));
  if (verb === 'show') return show(source, { ...flags, outcome: oneOf('outcome', flags.outcome, OUTCOMES) });
  const noted: AuditPart = flags.refusals ? 'refusals' : 'audit';
  if (verb === 'head') return tellHead(await readChain(source, { part: noted }), flags.json);
  const [done, refused] = await Promise.all((['audit', 'refusals'] as const).map((part) => readChain(source, { part, ...(part === noted ? expectOf(flags.expect) : {}) })));
  return tellVerdict(done as ChainReport, refused as ChainReport, flags.json);
}

function expectOf(text: string | undefined): { readonly expect?: Head } {
  if (text === undefined) return {};
  const [, seq = '', hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === '') throw new UsageError(`--expect: expected N:HASH as "elanus audit head" prints it, found "${text}"`);
  return { expect: { seq: Number(seq), hash } };
}

function tellHead({ last, problem }: ChainReport, json: boolean): number {
  process.stdout.write(json ? `${toJson({ seq: last.seq, hash: last.hash, whole: problem === undefined }, false)}\n` : `${last.seq}:${last.hash}\n`);
  if (problem === undefined) return 0;
  process.stderr.write(`elanus: ${placeOf(problem)} ${problem.what}\n`);
  return 1;
}

function tellVerdict(done: ChainReport, refused: ChainReport, json: boolean): number {
  const problem = done.problem ?? refused.problem;
  if (json) process.stdout.write(`${toJson({ whole: problem === undefined, ...figuresOf(done), refusals: figuresOf(refused), problem }, false)}\n`);
  else process.stdout.write(`${verdictOf(done)}\nrefusals ${verdictOf(refused)}\n`);
  return problem === undefined ? 0 : 1;
}

function figuresOf({ lines, firstSeq, last, tornBytes }: ChainReport): object {
  return { lines, firstSeq, lastSeq: last.seq, hash: last.hash, tornBytes };
}

function verdictOf({ problem, lines, firstSeq, last, tornBytes }: ChainReport): string {
  if (problem !== undefined) return `broken: ${placeOf(problem)} ${problem.what}`;
  return `whole: ${lines} lines${lines === 0 ? '' : `, ${firstSeq} to ${last.seq}`}${tornBytes === 0 ? '' : `; ${tornBytes} bytes at the end are no line yet, or were torn by a crash`}`;
}

function placeOf({ file, line }: { readonly file: string; readonly line?: number }): string {
  return line === undefined ? file : `${file}, line ${line}`;
}

async function show(source: AuditSource, { last, user, verb, outcome, json }: { readonly last: string; readonly user?: string | undefined; readonly verb?: string | undefined; readonly outcome?: string | undefined; readonly json: boolean }): Promise<number> {
  const wanted = (line: AuditLine): boolean => (user === undefined || line.user === user) && (verb === undefined || line.verb === verb) && (outcome === undefined || line.outcome === outcome);
  const parts = outcome === undefined ? AUDIT_PARTS : [outcome === 'refused' ? 'refusals' as const : 'audit' as const];
  const found = await Promise.all(parts.map((part) => lastOf(source, part, wanted, Number(last))));
  const kept = found.flatMap(({ lines }) => lines).sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).slice(-Number(last));
  const problem = found.find((one) => one.problem !== undefined)?.problem;
  const rows = kept.map(({ seq, time, user: who = '', from = '', verb: what, database = '', names = [], outcome: end, reason = '' }) => [String(seq), time, who, from, what, database, names.join(' '), end, reason]);
  process.stdout.write(json ? `${toJson({ lines: kept }, false)}\n` : table([['line', 'time', 'user', 'from', 'verb', 'database', 'names', 'outcome', 'reason'], ...rows]));
  if (problem === undefined) return 0;
  process.stderr.write(`elanus: the log is not whole: ${placeOf(problem)} ${problem.what}\n`);
  return 1;
}

async function lastOf(source: AuditSource, part: AuditPart, wanted: (line: AuditLine) => boolean, max: number): Promise<Pick<ChainReport, 'problem'> & { readonly lines: readonly AuditLine[] }> {
  const lines: AuditLine[] = [];
  const { problem } = await readChain(source, {
    part,
    onLine: (line) => {
      if (wanted(line)) lines.push(line);
      if (lines.length > max) lines.shift();
    },
  });
  return { lines, ...(problem === undefined ? {} : { problem }) };
}

/** Read without the lock that its writer has. */
function folderSource(folder: string): AuditSource {
  return {
    list: async (prefix) => {
      const names = await readdir(join(folder, prefix)).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        throw error;
      });
      return names.map((name) => `${prefix}${name}`);
    },
    read: async (key) => Uint8Array.from(await readFile(join(folder, key))),
  };
}
