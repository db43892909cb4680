// WebDriver: tabs of a browser by the commands of the W3C's standard, over whatever carries a command there. Firefox takes them
// by its own socket, WebKit by HTTP. Commands go one at a time, as each is for the tab that was switched to before.

import type { DrivenBrowser, DrivenTab } from './driven.js';

/** Each has the shape of its parameters and of its answer in the standard. */
export type Command = 'GetWindowHandle' | 'NewWindow' | 'SwitchToWindow' | 'Navigate' | 'Refresh' | 'ExecuteAsyncScript' | 'CloseWindow';

/** Carries a command there and its value back. Errors: what the browser refused. */
export type Carry = (command: Command, parameters: object) => Promise<unknown>;

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
}

/** `end` ends the browser. */
export function webDriverBrowser(carry: Carry, end: () => Promise<void>): DrivenBrowser {
  let before: Promise<unknown> = Promise.resolve();
  let home: string | undefined;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = before.then(work);
    before = done.catch(() => undefined);
    return done;
  };
  return {
    open: async (url) => {
      const handle = await inTurn(async () => {
        // From the window that it began with, as one that was closed may have been switched to.
        home ??= (await carry('GetWindowHandle', {})) as string;
        await carry('SwitchToWindow', { handle: home });
        const made = (await carry('NewWindow', { type: 'tab' })) as { readonly handle: string };
        await carry('SwitchToWindow', { handle: made.handle });
        await carry('Navigate', { url });
        return made.handle;
      });
      return tabOf(handle, carry, inTurn);
    },
    close: () => inTurn(end),
  };
}

function tabOf(handle: string, carry: Carry, inTurn: <T>(work: () => Promise<T>) => Promise<T>): DrivenTab {
  const send = (command: Command, parameters: object = {}): Promise<unknown> =>
    inTurn(async () => {
      await carry('SwitchToWindow', { handle });
      return carry(command, parameters);
    });
  return {
    evaluate: async (work, argument) => {
      const script = `const [argument, done] = arguments; Promise.resolve(argument).then(${work.toString()}).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const { value, error } = (await send('ExecuteAsyncScript', { script, args: [argument ?? null] })) as Outcome;
      if (error !== undefined) throw new Error(error);
      return value as never;
    },
    reload: async () => void (await send('Refresh')),
    close: async () => void (await send('CloseWindow')),
  };
}
