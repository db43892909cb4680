// OpenAPI: the document of the REST interface, version 3.1, made of its table. It says of each path what its body is checked
// against and what its answer has, and nothing that the table does not say.

import type { TSchema } from 'typebox';
import { version } from '../../../package.json';
import type { Route } from './route.js';

export const DOCUMENT_PATH = '/v2/openapi.json';
const PREFIX = '/v2/vectordb/';
const JSON_TYPE = 'application/json';

/** Plain JSON. */
export function openapiDocument(table: readonly Route[]): object {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Elanus',
      version,
      description: 'The REST interface of Milvus, version 2. Errors of a request are answered with HTTP 200 and a `code` other than 0. A body is taken as JSON under any content type.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{}, { bearer: [] }],
    tags: [...new Set(table.map(tagOf))].map((name) => ({ name })),
    paths: Object.fromEntries(table.map((route) => [`${PREFIX}${route.path}`, { post: operation(route) }])),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'user:password, an API key, or a token of the identity provider.' } },
      parameters: {
        int64: { name: 'Accept-Type-Allow-Int64', in: 'header', description: 'Whether Int64 are numbers in the answer; else they are text.', schema: { type: 'string', enum: ['true', 'false'] } },
        timeout: { name: 'Request-Timeout', in: 'header', description: 'Seconds after which the caller waits no more.', schema: { type: 'integer', minimum: 1, maximum: 86_400 } },
      },
      schemas: { Failure: failure() },
      responses: {
        Refused: { description: 'Refused before it was looked at: no or wrong credentials (401), not permitted (403), waited longer than asked (408), too large (413), too many requests (429), not ready (503).', content: { [JSON_TYPE]: { schema: { $ref: '#/components/schemas/Failure' } } } },
      },
    },
  };
}

const REFUSALS = ['401', '403', '408', '413', '429', '503'] as const;

function tagOf({ path }: Route): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function operation(route: Route): object {
  const refused = { $ref: '#/components/responses/Refused' };
  return {
    tags: [tagOf(route)],
    operationId: route.path.replaceAll('/', '_'),
    summary: route.summary,
    parameters: [{ $ref: '#/components/parameters/int64' }, { $ref: '#/components/parameters/timeout' }],
    requestBody: { required: true, content: { [JSON_TYPE]: { schema: documented(route.request) } } },
    responses: {
      200: { description: 'Done, or what was wrong with the request.', content: { [JSON_TYPE]: { schema: { anyOf: [success(route.answer), { $ref: '#/components/schemas/Failure' }] } } } },
      ...Object.fromEntries(REFUSALS.map((status) => [status, refused])),
    },
  };
}

function success(answer: TSchema | undefined): object {
  return {
    type: 'object',
    required: ['code', 'data'],
    properties: {
      code: { type: 'integer', const: 0 },
      data: answer === undefined ? { type: 'object' } : documented(answer),
      cost: { type: 'integer', description: 'Always 0.' },
      topks: { type: 'array', items: { type: 'integer' }, description: 'Hits of each query.' },
    },
  };
}

function failure(): object {
  return { type: 'object', required: ['code', 'message'], properties: { code: { type: 'integer', not: { const: 0 } }, message: { type: 'string' } } };
}

/** As the document has it: an integer beyond 2^53, which only we tell from others, is an integer. */
function documented(schema: TSchema): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key !== 'type' || !Array.isArray(value)) return value;
    const types = value.filter((type) => type !== 'bigint');
    return types.length === 1 ? types[0] : types;
  });
}
