// Rounds: one directory, process after process; each opens it, is judged by what it finds, writes, and is killed (SIGKILL) at
// a moment of its own: while it opens, after some acknowledgements, in a flush, or at any time.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { random, randomInteger } from '../support/random.js';
import { messagesOf, type Message } from './messages.js';
import { Oracle } from './oracle.js';
import { KEPT } from './shapes.js';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** More versions than a process writes. */
const VERSIONS = 100_000;
const WRITING_MS = 450;
const DONE_MAX = 120;
const AFTER_EVENT_MS = 40;
/** A process that neither opens nor ends by then hangs. */
const PATIENCE_MS = 60_000;
const EXAMPLES_MAX = 20;

export interface KillOptions {
  /** Empty. */
  readonly directory: string;
  readonly rounds: number;
  readonly seed: number;
}

export interface KillFigures {
  rounds: number;
  acknowledged: number;
  lost: number;
  phantom: number;
  half: number;
  failedOpens: number;
  /** Answers of count, get and search that do not agree with the rows, and calls that were refused. */
  wrong: number;
  /** Processes that were killed before they had opened the database. */
  killedOpening: number;
}

/** When to kill. */
type Moment = { readonly at: 'opening' | 'writing' | 'flush' | 'index'; readonly ms: number } | { readonly at: 'done'; readonly count: number };

export class KillRun {
  readonly figures: KillFigures = { rounds: 0, acknowledged: 0, lost: 0, phantom: 0, half: 0, failedOpens: 0, wrong: 0, killedOpening: 0 };
  readonly examples: string[] = [];
  readonly #options: KillOptions;
  readonly #next: () => number;
  readonly #oracles = new Map(Object.keys(KEPT).map((name) => [name, new Oracle()] as const));
  #openMs = 100;
  /** What the processes met: how many segments and indexes they opened, how often they had to cut a log. */
  readonly met = { sealed: 0, indexed: 0, cuts: 0 };

  constructor(options: KillOptions) {
    this.#options = options;
    this.#next = random(options.seed);
  }

  /** Stops early when a database does not open any more. */
  async run(): Promise<void> {
    for (let round = 0; round < this.#options.rounds && this.figures.failedOpens === 0; round++) {
      await this.#round(round, this.#moment());
      this.figures.rounds++;
    }
    // Ended by itself once, and opened once more: the same again.
    for (let look = 0; look < 2 && this.figures.failedOpens === 0; look++) await this.#round(this.#options.rounds + look, undefined);
  }

  #moment(): Moment {
    const next = this.#next;
    switch (randomInteger(next, 5)) {
      case 0:
        return { at: 'opening', ms: next() * this.#openMs * 1.2 };
      case 1:
        return { at: 'flush', ms: next() * AFTER_EVENT_MS };
      case 2:
        return { at: 'index', ms: next() * AFTER_EVENT_MS };
      case 3:
        return { at: 'done', count: 1 + randomInteger(next, DONE_MAX) };
      default:
        return { at: 'writing', ms: next() * WRITING_MS };
    }
  }

  async #round(round: number, moment: Moment | undefined): Promise<void> {
    const { directory, seed } = this.#options;
    const place = `round ${round}, ${moment === undefined ? 'ended by itself' : JSON.stringify(moment)}`;
    const { messages, ended, stderr } = await live([directory, String((round + 1) * VERSIONS), String(seed + round), moment === undefined ? 'look' : 'write'], moment);
    const opened = messages.some(({ is }) => is === 'open');
    const failed = messages.some(({ is }) => is === 'failed');
    for (const message of messages) this.#take(message, place);
    const { figures } = this;
    if ((failed && !opened) || ended !== (moment === undefined ? 'by itself' : 'killed') || (moment === undefined && !opened)) {
      figures.failedOpens++;
      this.#note(`${place}: the process ${opened ? 'ended' : 'did not open the database'}: ${ended}\n${stderr}`);
    } else if (!opened) {
      figures.killedOpening++;
    }
  }

  #take(message: Message, place: string): void {
    if (message.is === 'begin') this.#oracles.get(message.collection)?.begin(message.call, message.version ?? undefined, message.rows);
    else if (message.is === 'done') this.figures.acknowledged += [...this.#oracles.values()].filter((oracle) => oracle.done(message.call)).length;
    else if (message.is === 'failed') this.#count('wrong', [message.what], place);
    else if (message.is === 'open') {
      this.#openMs = message.ms;
      this.met.sealed = Math.max(this.met.sealed, message.sealed);
      this.met.indexed = Math.max(this.met.indexed, message.indexed);
      this.met.cuts += message.warnings.filter((warning) => warning.includes('; cut ')).length;
      this.#count('wrong', message.wrong, place);
      for (const [name, oracle] of this.#oracles) {
        const { lost, phantom, half } = oracle.observe(message.found[name] ?? []);
        this.#count('lost', lost, `${place}, ${name}`);
        this.#count('phantom', phantom, `${place}, ${name}`);
        this.#count('half', half, `${place}, ${name}`);
      }
    }
  }

  #count(figure: 'lost' | 'phantom' | 'half' | 'wrong', found: readonly string[], place: string): void {
    this.figures[figure] += found.length;
    for (const what of found) this.#note(`${figure}: ${place}: ${what}`);
  }

  #note(what: string): void {
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(what);
  }
}

interface Life {
  readonly messages: readonly Message[];
  /** 'killed', 'by itself' with status 0, or how else. */
  readonly ended: string;
  readonly stderr: string;
}

/** One process from its start to its end, which comes at `moment`. */
function live(args: readonly string[], moment: Moment | undefined): Promise<Life> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], { stdio: ['ignore', 'inherit', 'pipe', 'pipe'] });
    const kill = (): void => void child.kill('SIGKILL');
    let hung = false;
    let timer: NodeJS.Timeout | undefined;
    const patience = setTimeout(() => {
      hung = true;
      kill();
    }, PATIENCE_MS);
    const killIn = (ms: number): void => void (timer ??= setTimeout(kill, ms));
    const trigger = moment === undefined ? undefined : new Trigger(moment, killIn);
    let text = '';
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const pipe = child.stdio[3] as NodeJS.ReadableStream;
    pipe.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      trigger?.take(chunk);
    });
    process.once('exit', kill);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('exit', kill);
      clearTimeout(timer);
      clearTimeout(patience);
      const how = code === null ? `signal ${String(signal)}` : `status ${code}`;
      resolve({ messages: messagesOf(text), stderr, ended: hung ? `it hung for ${PATIENCE_MS} ms` : signal === 'SIGKILL' ? 'killed' : code === 0 ? 'by itself' : how });
    });
  });
}

/** Looks at what a process tells as it comes, for the moment to kill it. */
class Trigger {
  readonly #moment: Moment;
  readonly #killIn: (ms: number) => void;
  #rest = '';
  #done = 0;

  constructor(moment: Moment, killIn: (ms: number) => void) {
    this.#moment = moment;
    this.#killIn = killIn;
  }

  take(chunk: string): void {
    const text = this.#rest + chunk;
    this.#rest = text.slice(text.lastIndexOf('\n') + 1);
    for (const message of messagesOf(text)) this.#see(message);
  }

  #see(message: Message): void {
    const moment = this.#moment;
    if (moment.at === 'opening' && message.is === 'opening') this.#killIn(moment.ms);
    if (moment.at === 'writing' && message.is === 'open') this.#killIn(moment.ms);
    if ((moment.at === 'flush' || moment.at === 'index') && message.is === 'event' && message.event === moment.at) this.#killIn(moment.ms);
    if (moment.at === 'done' && message.is === 'done' && ++this.#done === moment.count) this.#killIn(0);
    if (message.is === 'failed') this.#killIn(0);
  }
}
