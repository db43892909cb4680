// LogInPage: asks who it is. What is typed goes to this server alone, as the header of each request, and is kept for this tab.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { askServer } from '../data/api.js';
import { Failure, failureOf } from '../data/failure.js';
import { logIn } from '../data/session.js';
import { Heading } from '../parts/heading.js';
import { Trouble } from '../parts/notice.js';

export function LogInPage(): JSX.Element {
  const [way, setWay] = useState<'password' | 'token'>('password');
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const user = useRef<HTMLInputElement>(null);
  const secret = useRef<HTMLInputElement>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    const given = secret.current?.value ?? '';
    try {
      logIn(sendable(way === 'token' ? given.trim() : `${user.current?.value ?? ''}:${given}`));
      await askServer();
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
      secret.current?.focus();
    }
  };
  return (
    <main id="main" class="log-in" tabIndex={-1}>
      <Heading title="Log in" />
      <p class="soft">This server wants to know who you are. What you type is kept for this tab alone.</p>
      <form onSubmit={(event) => void submit(event)}>
        <fieldset class="choices">
          <legend>By</legend>
          {(['password', 'token'] as const).map((one) => (
            <label key={one}>
              <input type="radio" name="way" checked={way === one} onChange={() => setWay(one)} />
              {one === 'password' ? 'user and password' : 'API key or token'}
            </label>
          ))}
        </fieldset>
        {way === 'password' && (
          <label class="field">
            User
            <input ref={user} name="user" autocomplete="username" autocapitalize="none" spellcheck={false} required />
          </label>
        )}
        <label class="field">
          {way === 'password' ? 'Password' : 'API key or token'}
          <input ref={secret} name="secret" type="password" autocomplete="current-password" required />
        </label>
        {failure !== undefined && <Trouble failure={failure} />}
        <button type="submit" class="main-action" disabled={busy}>
          {busy ? 'Logging in…' : 'Log in'}
        </button>
      </form>
    </main>
  );
}

/** A header takes no other characters. */
function sendable(text: string): string {
  if (/^[\x20-\x7e]+$/.test(text)) return text;
  throw new Failure('This cannot be sent', 'Names, passwords and keys may have the letters A to Z, digits, spaces and ASCII punctuation.');
}
