// Which web pages may ask a relay (Fetch standard, "CORS protocol"): none but its own, unless their origins are named.

const ANY = '*';
const REQUEST_HEADERS = 'authorization, content-type, if-none-match, if-range, range';
const RESPONSE_HEADERS = 'etag, content-length, content-range, accept-ranges, retry-after, date, elanus-public-key';
const KEPT_S = '600';

/** `response` with what lets a page of an allowed origin read it. */
export function crossOrigin(request: Request, allowed: readonly string[], response: Response): Response {
  const origin = allowedOrigin(request, allowed);
  if (allowed.length === 0) return response;
  const headers = new Headers(response.headers);
  if (!allowed.includes(ANY)) headers.append('vary', 'origin');
  if (origin !== undefined) {
    headers.set('access-control-allow-origin', origin);
    headers.set('access-control-expose-headers', RESPONSE_HEADERS);
  }
  return new Response(response.body, { status: response.status, headers });
}

/** Answers what a browser asks before a request with such headers. */
export function preflight(request: Request, allowed: readonly string[]): Response {
  const origin = allowedOrigin(request, allowed);
  if (origin === undefined) return new Response(null, { status: 403 });
  return new Response(null, {
    status: 204,
    headers: { 'access-control-allow-origin': origin, 'access-control-allow-methods': 'GET, HEAD, POST', 'access-control-allow-headers': REQUEST_HEADERS, 'access-control-max-age': KEPT_S, vary: 'origin' },
  });
}

function allowedOrigin(request: Request, allowed: readonly string[]): string | undefined {
  if (allowed.includes(ANY)) return ANY;
  const origin = request.headers.get('origin');
  return origin !== null && allowed.includes(origin) ? origin : undefined;
}
