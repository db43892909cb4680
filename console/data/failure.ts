// Failure: why there is no answer, in words: a heading of what kind it is, and what the server said.

/** Numbers of Milvus' clients. */
const NOT_LOGGED_IN = 1800;
const TITLES: Readonly<Record<number, string>> = {
  100: 'There is no such collection',
  101: 'The collection is not loaded',
  200: 'There is no such partition',
  700: 'There is no such index',
  800: 'There is no such database',
  1100: 'The server does not understand this',
  1102: 'This is too large',
  1801: 'The server does not understand this',
  1802: 'Something is missing',
};

export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly title: string,
    message: string,
    /** As the server gave it; undefined if it did not answer. */
    readonly code?: number,
    /** Asking again without doing something about it gives the same. */
    readonly final = false,
  ) {
    super(message);
  }
}

export function refusal(http: number, code: number, message: string): Failure {
  const forbidden = http === 403 || /permission deny/i.test(message);
  const title = forbidden ? 'You may not do this' : (TITLES[code] ?? (http >= 500 || code === 65535 ? 'The server failed' : 'The server refuses this'));
  return new Failure(title, message, code, forbidden || demandsLogIn(http, code));
}

export function demandsLogIn(http: number, code: number | undefined): boolean {
  return http === 401 || code === NOT_LOGGED_IN;
}

export function noAnswer(): Failure {
  return new Failure('The server does not answer', 'It may have been stopped, or the network is down. The page asks again when you do.');
}

export function failureOf(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('Something went wrong in this page', error instanceof Error ? error.message : String(error));
}
