// The database worker of a page: a WorkerHost with the WebAssembly modules of this build.

import { takesRelaxedSimd } from '../src/core/wasm/relaxed.js';
import type { Request } from '../src/presets/wire.js';
import { WorkerHost } from '../src/presets/worker-host.js';

async function compile(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url.href}: status ${response.status}`);
  // Streaming needs the right content type, which not every static host sends.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

const host = new WorkerHost(
  {
    // Spelled out twice, for a bundler looks for just this.
    core: () => compile(takesRelaxedSimd() ? new URL('./core-relaxed.wasm', import.meta.url) : new URL('./core.wasm', import.meta.url)),
    filter: () => compile(new URL('./filter.wasm', import.meta.url)),
  },
  (reply) => postMessage(reply),
);
onmessage = ({ data }: MessageEvent<Request>) => host.take(data);
