// The OpenAPI document: valid by the schema of OpenAPI 3.1, with every route of the table and nothing that only we understand.

import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES } from '../../../src/server/rest/table.js';
import { startTestServer, type TestServer } from '../support.js';

let server: TestServer;
let document: { readonly openapi: string; readonly paths: Record<string, { readonly post: { readonly operationId: string; readonly requestBody: unknown; readonly responses: object } }> };

beforeAll(async () => {
  server = await startTestServer();
  const response = await fetch(`${server.url}/v2/openapi.json`);
  expect(response.headers.get('content-type')).toContain('application/json');
  document = (await response.json()) as typeof document;
});
afterAll(() => server.close());

test('is valid, as a program that we did not write says', async () => {
  expect(await new Validator().validate({ ...document })).toEqual({ valid: true });
  expect(document.openapi).toBe('3.1.1');
  // It can say otherwise.
  expect((await new Validator().validate({ ...document, paths: { 'no-slash': {} } })).valid).toBe(false);
});

test('has every route, each with a name of its own, a body and its refusals', () => {
  expect(Object.keys(document.paths).sort()).toEqual(ROUTES.map(({ path }) => `/v2/vectordb/${path}`).sort());
  const operations = Object.values(document.paths).map(({ post }) => post);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { requestBody, responses } of operations) {
    expect(requestBody).toMatchObject({ required: true, content: { 'application/json': { schema: { type: 'object' } } } });
    expect(Object.keys(responses)).toEqual(['200', '401', '403', '408', '413', '429', '503']);
  }
});

test('has no type that JSON Schema has not', () => {
  const types = new Set<string>();
  JSON.parse(JSON.stringify(document.paths), (key, value: unknown) => {
    if (key === 'type' && (typeof value === 'string' || Array.isArray(value))) for (const type of [value].flat()) types.add(String(type));
    return value;
  });
  for (const type of types) expect(['string', 'integer', 'number', 'boolean', 'array', 'object', 'null']).toContain(type);
});

test('every route of the table has a rule and a sentence', () => {
  expect(new Set(ROUTES.map(({ path }) => path)).size).toBe(ROUTES.length);
  for (const { path, rule, summary } of ROUTES) {
    expect(rule.privilege, path).toBeTypeOf('string');
    expect(summary, path).toMatch(/^[A-Z].*\.$/s);
  }
});
