// Compiling a WebAssembly module of this build, for the workers of a page.

export async function compile(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url.href}: status ${response.status}`);
  // Streaming needs the right content type, which not every static host sends.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
