// What the tabs of a test noted outside the browser, and what must hold of a database after it: every acknowledged write is
// there, nothing is there that nobody wrote, nothing is there twice.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serveLocally, type LocalServer } from '../support/local-server.js';

export interface Note {
  readonly tab: number;
  /** 'rows' stay; 'passing' ones are deleted next. */
  readonly kind: 'rows' | 'passing' | 'gone' | 'version' | 'logged' | 'interrupted' | 'problem';
  /** Milliseconds since 1970: when the write was called, and when it was acknowledged. */
  readonly began: number;
  readonly ended: number;
  readonly value: unknown;
}

export interface Content {
  readonly tab?: number;
  readonly keys: readonly number[];
  /** By key: that of each tab. */
  readonly versions: Readonly<Record<string, number>>;
  /** Tab and version of each row with a generated key. */
  readonly logged: readonly (readonly [number, number])[];
  /** Rows that hold something else than their key says. */
  readonly damaged: number;
  readonly warnings: readonly string[];
}

export interface Verdict {
  /** Acknowledged writes that are not there. */
  readonly lost: number;
  /** Rows that are there twice, or hold what nobody wrote, or were acknowledged as deleted. */
  readonly wrong: number;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const typeOf: Readonly<Record<string, string>> = { html: 'text/html', mjs: 'text/javascript', js: 'text/javascript', wasm: 'application/wasm' };

export class Notes {
  readonly all: Note[] = [];
  readonly found: Content[] = [];
  onChange: () => void = () => undefined;
  #server: LocalServer | undefined;

  static async start(): Promise<Notes> {
    const notes = new Notes();
    notes.#server = await serveLocally(async (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://127.0.0.1');
      if (request.method === 'POST') {
        let body = '';
        for await (const piece of request) body += String(piece);
        if (pathname === '/note') notes.all.push(JSON.parse(body) as Note);
        else notes.found.push(JSON.parse(body) as Content);
        notes.onChange();
        response.writeHead(204).end();
        return;
      }
      const file = pathname === '/' ? 'test/tabs/page.html' : pathname.startsWith('/dist/') ? pathname.slice(1) : `test/tabs${pathname}`;
      try {
        const bytes = readFileSync(`${root}${file}`);
        response.writeHead(200, { 'content-type': typeOf[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream' }).end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
    return notes;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Resolves when `holds` does. Rejects after `timeoutMs`. */
  async until(what: string, timeoutMs: number, holds: () => boolean): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms: ${what}; problems: ${JSON.stringify(this.problems)}`)), timeoutMs);
        this.onChange = () => holds() && resolve();
        this.onChange();
      });
    } finally {
      clearTimeout(timer);
      this.onChange = () => undefined;
    }
  }

  get problems(): readonly unknown[] {
    return this.all.filter(({ kind }) => kind === 'problem').map(({ tab, value }) => `tab ${tab}: ${String(value)}`);
  }

  /** Judges by the first `count` notes; `content` was read after they were made. */
  judge(content: Content, count = this.all.length): Verdict {
    const notes = this.all.slice(0, count);
    const keys = new Set(content.keys);
    const logged = new Map<string, number>();
    for (const [tab, version] of content.logged) logged.set(`${tab}/${version}`, (logged.get(`${tab}/${version}`) ?? 0) + 1);
    let lost = 0;
    let wrong = content.damaged + (content.keys.length - keys.size);
    for (const times of logged.values()) wrong += times - 1;
    for (const { tab, kind, value } of notes) {
      if (kind === 'rows') lost += (value as readonly number[]).filter((id) => !keys.has(id)).length;
      else if (kind === 'gone') wrong += (value as readonly number[]).filter((id) => keys.has(id)).length;
      else if (kind === 'version' && (content.versions[tab] ?? -1) < (value as number)) lost++;
      else if (kind === 'logged' && !logged.has(`${tab}/${String(value)}`)) lost++;
    }
    return { lost, wrong };
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}
