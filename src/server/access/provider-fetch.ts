// ProviderFetch: what is fetched from an identity provider: two small documents. Answers are read up to a maximum, redirects are not
// followed, and after a failure nothing is fetched for a while, so that who sends many tokens cannot make this server send many requests.

const BODY_BYTES_MAX = 1024 * 1024;
const TIMEOUT_MS = 5_000;
const COOL_DOWN_MS = 10_000;

interface Request {
  readonly headers?: Headers;
  readonly signal?: AbortSignal;
}

/** Errors: Error. */
export function fetchSparingly(nowMs: () => number): (url: string, request: Request) => Promise<Response> {
  let failedMs = -Infinity;
  return async (url, { headers, signal }) => {
    if (nowMs() - failedMs < COOL_DOWN_MS) throw new Error('its last answer was an error, a moment ago');
    try {
      const response = await fetch(url, { redirect: 'manual', signal: signal ?? AbortSignal.timeout(TIMEOUT_MS), ...(headers === undefined ? {} : { headers }) });
      const body = await limited(response);
      if (response.status !== 200) throw new Error(`${url}: expected status 200, found ${response.status}`);
      return new Response(body, { status: 200 });
    } catch (error) {
      failedMs = nowMs();
      throw error;
    }
  };
}

async function limited(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    sizeBytes += value.byteLength;
    if (sizeBytes > BODY_BYTES_MAX) {
      await reader.cancel();
      throw new Error(`${response.url}: expected at most ${BODY_BYTES_MAX} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}
