// The database worker of a page: a WorkerHost with the WebAssembly modules of this build.

import { takesRelaxedSimd } from '../src/core/wasm/relaxed.js';
import type { Request } from '../src/presets/wire.js';
import { WorkerHost } from '../src/presets/worker-host.js';
import { compile } from './compile.js';

const host = new WorkerHost(
  {
    // Spelled out twice, for a bundler looks for just this.
    core: () => compile(takesRelaxedSimd() ? new URL('./core-relaxed.wasm', import.meta.url) : new URL('./core.wasm', import.meta.url)),
    filter: () => compile(new URL('./filter.wasm', import.meta.url)),
  },
  (reply) => postMessage(reply),
);
onmessage = ({ data }: MessageEvent<Request>) => host.take(data);
