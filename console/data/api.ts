// Api: what the page asks of the server, one function for each question. An Int64 comes as text, so that none of its
// digits is lost. Every error is a `Failure`.

import type { CollectionAnswer, OverviewAnswer, RowAnswer, RowsAnswer, SearchAnswer, ServerAnswer } from '../../src/server/console/answers.js';
import { demandsLogIn, Failure, noAnswer, refusal } from './failure.js';
import { accepted, demanded, token } from './session.js';

export interface Target {
  readonly dbName: string;
  readonly collectionName: string;
}

export interface SearchQuestion extends Target {
  readonly annsField: string;
  readonly data?: readonly unknown[];
  readonly ids?: readonly string[];
  readonly filter?: string;
  readonly limit: number;
  readonly recall: number;
  readonly explain: boolean;
}

export interface RowsQuestion extends Target {
  readonly filter?: string;
  readonly limit: number;
  readonly offset: number;
  readonly explain: boolean;
}

export const askServer = (signal?: AbortSignal): Promise<ServerAnswer> => ask('console/server', {}, signal);
export const askDatabases = (signal?: AbortSignal): Promise<readonly string[]> => ask('v2/vectordb/databases/list', {}, signal);
export const askOverview = (dbName: string, signal?: AbortSignal): Promise<OverviewAnswer> => ask('console/overview', { dbName }, signal);
export const askCollection = (target: Target, signal?: AbortSignal): Promise<CollectionAnswer> => ask('console/collection', target, signal);
export const askRows = (question: RowsQuestion, signal?: AbortSignal): Promise<RowsAnswer> => ask('console/rows', question, signal);
export const askSearch = (question: SearchQuestion, signal?: AbortSignal): Promise<SearchAnswer> => ask('console/search', question, signal);

/** One row with its vectors; undefined if it is not there any more. */
export async function askRow(target: Target, id: string, signal?: AbortSignal): Promise<RowAnswer | undefined> {
  return (await ask<readonly RowAnswer[]>('v2/vectordb/entities/get', { ...target, id: [id] }, signal))[0];
}

/** The figures of the server, as Prometheus reads them. */
export async function askMetrics(signal?: AbortSignal): Promise<string> {
  const response = await send('metrics', { method: 'GET' }, signal);
  if (response.ok) return response.text();
  throw refusal(response.status, 0, `no metrics: HTTP ${response.status}`);
}

async function ask<T>(path: string, question: object, signal?: AbortSignal): Promise<T> {
  const headers = { 'Content-Type': 'application/json', 'Accept-Type-Allow-Int64': 'false' };
  const response = await send(path, { method: 'POST', headers, body: JSON.stringify(question) }, signal);
  const { code, message = '', data } = await contentOf(response);
  if (code === 0) {
    accepted();
    return data as T;
  }
  if (demandsLogIn(response.status, code)) demanded();
  throw refusal(response.status, code, message);
}

async function send(path: string, init: RequestInit & { readonly headers?: Record<string, string> }, signal?: AbortSignal): Promise<Response> {
  const kept = token();
  const headers = { ...init.headers, ...(kept === undefined ? {} : { Authorization: `Bearer ${kept}` }) };
  try {
    return await fetch(path, { ...init, headers, cache: 'no-store', credentials: 'omit', ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw noAnswer();
  }
}

interface Content {
  readonly code: number;
  readonly message?: string;
  readonly data?: unknown;
}

async function contentOf(response: Response): Promise<Content> {
  const text = await response.text();
  try {
    const content = JSON.parse(text) as Content;
    if (typeof content === 'object' && content !== null && typeof content.code === 'number') return content;
  } catch {
    // Told below.
  }
  throw new Failure('The server answers something else', `expected JSON with a code, found HTTP ${response.status}: ${text.slice(0, 200)}`);
}
