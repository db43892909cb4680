// Remote search: a copy's search that its origin answers, too. What the origin says is of one moment, its now; over it go the own
// writes that it does not have yet. Pulled segments answer where it does not.

import type { RemoteOptions, RemoteUse, SearchSources } from '../engine/api/remote.js';
import type { MissingRows, SearchOptions, SearchResult } from '../engine/api/search.js';
import type { EngineCollection } from '../engine/collection/collection.js';
import type { CollectionReads, Hits, SearchRequest } from '../engine/collection/collection-reads.js';
import { compileRule, mayBeWithin } from '../engine/scoped/row-rule.js';
import type { SearchPlan } from '../engine/search/search-plan.js';
import { decodeText } from '../format/bytes.js';
import type { Manifest } from '../format/manifest.js';
import { ElanusError, require } from '../model/errors.js';
import type { Hit } from '../model/hit.js';
import { LIMITS } from '../model/limits.js';
import { isDistance } from '../model/metric.js';
import type { PrimaryKey } from '../model/row.js';
import type { AnyScope, RowRule } from '../model/row-scope.js';
import type { SendingTransport, TransportResponse } from '../ports/transport.js';
import { ANSWER_BYTES_MAX, decodeSearchAnswer, encodeSearch, type RemoteAnswer, type SentSearch } from './remote-answer.js';

type Search = SearchOptions & { readonly data?: unknown; readonly ids?: unknown };

const USES: readonly unknown[] = ['never', 'missing', 'always'] satisfies readonly RemoteUse[];
const TIMEOUT_MS = 10_000;
const TIMEOUT_MS_MAX = 600_000;
const REFUSAL_BYTES_MAX = 64 * 1024;
/** What only one who has all rows can do; it is done here or there, not both. */
const ALONE = ['groupByField', 'groupSize', 'strictGroupSize', 'rerank', 'highlight', 'explain', 'ids'] as const;

/** A clause that holds of none. */
const NO_ROW: AnyScope = [];

export interface Origin {
  readonly transport: SendingTransport;
  /** Of the collection's route. */
  readonly url: string;
}

/** Errors: those of `search`; `Unsupported` of what cannot be answered so; where the origin is required, `Network`, with its `status` if it refused. */
export async function searchRemote(copy: EngineCollection, origin: Origin, request: Search): Promise<SearchResult<Hits>> {
  const { remote, ...search } = request;
  const options = checkRemote(remote);
  for (const name of ALONE) if (search[name] !== undefined && search[name] !== false) throw new ElanusError('Unsupported', `remote: not with ${name}`);
  const { data } = search;
  const local = withinScope(copy, search);
  const plan = copy.reads.plan({ ...(local ?? { ...search, partitionNames: [] }), data });
  if (plan.texts !== undefined) throw new ElanusError('Unsupported', `remote: not of texts, whose scores depend on all rows: "${plan.field.name}"`);
  const here = async (remote: SearchSources['remote'], reason: string): Promise<SearchResult<Hits>> => {
    const sources = { local: { rows: local === undefined ? 0 : copy.rows }, remote, reason };
    if (local === undefined) return { hits: plan.single ? [] : Array.from({ length: plan.queryCount }, () => []), recall: 1, sources };
    const found = await copy.reads.searchHere(local as SearchRequest);
    const hits = plan.single ? from('local', found.hits as readonly Hit[]) : (found.hits as readonly (readonly Hit[])[]).map((list) => from('local', list));
    return { ...found, hits, sources };
  };
  if (options.when === 'missing' && isWhole(copy)) return here('not asked', 'the copy lacks nothing');
  try {
    return await answered(copy, origin, { ...search, data }, local, plan, options);
  } catch (error) {
    if (!(error instanceof ElanusError) || error.code !== 'Network' || options.required === true) throw error;
    return here(error.status === undefined || error.status >= 500 ? 'unreachable' : 'refused', error.message);
  }
}

function checkRemote(given: unknown): RemoteOptions {
  const options = (typeof given === 'object' && given !== null ? given : { when: given }) as RemoteOptions;
  const { when, token, headers, timeoutMs, required } = options;
  require(USES.includes(when), () => `remote: expected 'never', 'missing' or 'always', found ${JSON.stringify(when)}`);
  require(token === undefined || typeof token === 'string', () => `remote: token: expected text, found ${typeof token}`);
  require(headers === undefined || (typeof headers === 'object' && headers !== null), () => `remote: headers: expected an object, found ${typeof headers}`);
  require(timeoutMs === undefined || (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= TIMEOUT_MS_MAX), () => `remote: timeoutMs: expected 1 to ${TIMEOUT_MS_MAX}, found ${String(timeoutMs)}`);
  require(required === undefined || typeof required === 'boolean', () => `remote: required: expected true or false, found ${JSON.stringify(required)}`);
  return options;
}

/** A copy of rows that were asked for lacks all others. */
function isWhole({ manifest, missing }: EngineCollection): boolean {
  return missing.length === 0 && manifest.manifest.scope?.asked === undefined;
}

/** As it is asked here: a copy of some partitions knows no others. Undefined if it has none of those that are named. */
function withinScope({ admin, manifest }: EngineCollection, search: Search): Search | undefined {
  const { partitionNames } = search;
  if (manifest.manifest.scope?.asked === undefined || !Array.isArray(partitionNames) || partitionNames.length === 0) return search;
  const known = partitionNames.filter((name) => admin.partitionNames.includes(name));
  return known.length === 0 ? undefined : { ...search, partitionNames: known };
}

async function answered(copy: EngineCollection, origin: Origin, search: SentSearch & Search, local: Search | undefined, plan: SearchPlan, options: RemoteOptions): Promise<SearchResult<Hits>> {
  const before = await copy.reads.unsentKeys();
  const wanted = plan.offset + plan.limit;
  const isOwn = (key: PrimaryKey): boolean => before.keys.has(key);
  // Hits whose keys have own writes give way, so more are asked for.
  let limit = Math.min(LIMITS.topKMax, wanted + Math.min(before.keys.size, wanted));
  let answer: RemoteAnswer;
  for (;;) {
    answer = await ask(origin, { ...search, limit }, plan, options);
    const isShort = answer.hits.some((list) => list.length === limit && list.filter(({ id }) => !isOwn(id)).length < wanted);
    if (!isShort || limit === LIMITS.topKMax) break;
    limit = Math.min(LIMITS.topKMax, limit * 4);
  }
  // What was written meanwhile, too; what was sent meanwhile may not be in the answer.
  const after = await copy.reads.unsentKeys();
  const keys = new Set([...before.keys, ...after.keys]);
  const live = [...new Set([...before.live, ...after.live])];
  const own = live.length === 0 || local === undefined ? undefined : await copy.reads.searchAmong({ ...local, offset: 0, limit: wanted } as SearchRequest, live);
  const ownHits = own === undefined ? undefined : plan.single ? [own.hits as readonly Hit[]] : (own.hits as readonly (readonly Hit[])[]);
  const hits = answer.hits.map((list, query) => merged(list.filter(({ id }) => !keys.has(id)), ownHits?.[query] ?? [], plan));
  return {
    hits: plan.single ? (hits[0] as readonly Hit[]) : hits,
    recall: Math.min(answer.recall, own?.recall ?? 1),
    sources: { local: { rows: live.length }, remote: 'answered' },
    ...(answer.missing === undefined ? {} : { missing: answer.missing }),
  };
}

async function ask({ transport, url }: Origin, search: SentSearch, { queryCount }: SearchPlan, { token, headers, timeoutMs = TIMEOUT_MS }: RemoteOptions): Promise<RemoteAnswer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await transport.post({ url, body: encodeSearch(search), headers: { ...headers, ...authorization, 'content-type': 'application/json' }, timeoutMs });
  const { status } = response;
  if (status !== 200) throw new ElanusError('Network', `POST ${url}: status ${status}${await reasonIn(response)}`, { status });
  try {
    return decodeSearchAnswer(await response.bytes(ANSWER_BYTES_MAX), url, { queries: queryCount, limit: search.limit as number });
  } catch (error) {
    // What is no answer is none.
    if (error instanceof ElanusError && (error.code === 'Corrupt' || error.code === 'InvalidArgument')) throw new ElanusError('Network', error.message, { cause: error });
    throw error;
  }
}

/** What a server of ours says beside a status. */
async function reasonIn(response: TransportResponse): Promise<string> {
  const text = decodeText(await response.bytes(REFUSAL_BYTES_MAX), 'refusal', 'body');
  const [, message] = /"message":("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
  return message === undefined ? '' : `: ${String(JSON.parse(message))}`;
}

/**
 * What a copy sent, answered where the rows are, among those of `rule`, with nothing that tells of others. Errors: those of `search`; `Unsupported`
 * of texts, whose scores do.
 */
export async function answerSent(reads: CollectionReads, sent: SentSearch, granted: RowRule, manifest: Manifest): Promise<RemoteAnswer> {
  const { search, rule } = withinRule(sent, granted);
  const { single, texts } = reads.plan(search);
  if (texts !== undefined) throw new ElanusError('Unsupported', 'search: of vectors alone');
  const { hits, recall, missing } = await reads.searchHere(search as SearchRequest, rule.length === 0 ? [] : [compileRule(rule, manifest)]);
  return { hits: single ? [hits as readonly Hit[]] : (hits as readonly (readonly Hit[])[]), recall, ...(missing === undefined ? {} : { missing: granted.length === 0 ? missing : unnamed(missing) }) };
}

/** Of a partition of which nothing was granted no row is found, whether it is there or not. */
function withinRule(search: SentSearch, rule: RowRule): { readonly search: SentSearch; readonly rule: RowRule } {
  const { partitionNames } = search;
  if (!Array.isArray(partitionNames)) return { search, rule };
  const known = partitionNames.filter((name: string) => mayBeWithin(rule, name));
  return { search: { ...search, partitionNames: known }, rule: known.length === 0 && partitionNames.length > 0 ? [...rule, NO_ROW] : rule };
}

/** That something is missing, and why: which files, and how many rows, is of others as well. */
function unnamed(missing: readonly MissingRows[]): readonly MissingRows[] {
  return [...new Set(missing.map(({ reason }) => reason))].map((reason) => ({ file: '', reason, rows: 0 }));
}

/** Both are ranked; of equal scores the own ones, which were written last, come last. */
function merged(remote: readonly Hit[], own: readonly Hit[], { metric, offset, limit }: SearchPlan): readonly Hit[] {
  const sign = isDistance(metric) ? 1 : -1;
  const all = [...from('remote', remote), ...from('local', own)];
  return all.sort((a, b) => sign * (a.score - b.score)).slice(offset, offset + limit);
}

function from(source: NonNullable<Hit['source']>, hits: readonly Hit[]): readonly Hit[] {
  return hits.map((hit) => ({ ...hit, source }));
}
