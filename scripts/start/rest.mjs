// A client of the server's REST interface, as small as a user would write it.

/** `post(verb, body)` gives the answer's object. Errors: when the server answers with a code other than 0. */
export function restClient(url) {
  return async function post(verb, body) {
    const response = await fetch(`${url}/v2/vectordb/${verb}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (answer.code !== 0) throw new Error(`${verb}: HTTP ${response.status}, code ${answer.code}: ${answer.message}`);
    return answer;
  };
}
