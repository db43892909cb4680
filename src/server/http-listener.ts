// HttpListener: what answers requests over HTTP/1.1: the paths of who runs the server from the first moment on, all others once its
// database is open.

import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Ambient } from '../ports/ambient.js';
import { createApp, type AppOptions } from './app.js';
import { consoleFiles } from './console/files.js';
import { demoFiles } from './demo-files.js';
import { errorAnswer, jsonResponse, operationRoutes, type OperationsOptions } from './operations.js';
import { STATUS } from './status.js';

export interface ServedApp extends Omit<AppOptions, 'operations' | 'demo' | 'console'> {
  /** Of the built demo page. */
  readonly demoDirectory?: string | undefined;
  /** Of the built console. */
  readonly consoleDirectory?: string | undefined;
}

/** `served`: undefined until the database is open. */
export function httpListener(operations: OperationsOptions, served: () => ServedApp | undefined, log: Ambient['log']): RequestListener {
  const routes = operationRoutes(operations);
  const opening = openingApp(routes, log);
  let app: Hono | undefined;
  const current = (): Hono => {
    const now = app === undefined ? served() : undefined;
    if (now !== undefined) app = servedApp(now, routes);
    return app ?? opening;
  };
  current();
  return getRequestListener((request, environment) => current().fetch(request, environment));
}

function servedApp({ demoDirectory, consoleDirectory, ...options }: ServedApp, operations: Hono): Hono {
  return createApp({
    ...options, operations,
    ...(demoDirectory === undefined ? {} : { demo: demoFiles(demoDirectory) }),
    ...(consoleDirectory === undefined ? {} : { console: consoleFiles(consoleDirectory) }),
  });
}

/** Answers while the database is being opened. */
function openingApp(operations: Hono, log: Ambient['log']): Hono {
  const app = new Hono();
  app.onError(errorAnswer(log));
  app.route('/', operations);
  app.notFound(() => jsonResponse({ code: STATUS.notReady, message: 'the database is being opened; try again' }, 503));
  return app;
}
