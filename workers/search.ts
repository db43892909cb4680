// The search worker of a page that only reads a published folder: a SearchHost with the core of this build.

import { takesRelaxedSimd } from '../src/core/wasm/relaxed.js';
import { SearchHost } from '../src/presets/search-host.js';
import type { Request } from '../src/presets/wire.js';
import { compile } from './compile.js';

const host = new SearchHost(
  // Spelled out twice, for a bundler looks for just this.
  () => compile(takesRelaxedSimd() ? new URL('./core-relaxed.wasm', import.meta.url) : new URL('./core.wasm', import.meta.url)),
  (reply) => postMessage(reply),
);
onmessage = ({ data }: MessageEvent<Request>) => host.take(data);
