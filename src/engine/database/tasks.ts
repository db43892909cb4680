// Tasks: the work in the background of a database, as whoever watches it is told. Plain data.

import type { TaskEvent, TaskKind } from '../api.js';

/** What the work is done to. */
export interface TaskSubject {
  readonly name: string;
  readonly id: string;
}

/** Work under way. */
export interface Task {
  /** `done` of the rows are. */
  progress(done: number): void;
  /** Ends it: finished, or aborted if so. Later calls change nothing. */
  end(state: 'finished' | 'aborted'): void;
  fail(error: unknown): void;
}

export class Tasks {
  readonly #listeners = new Set<(event: TaskEvent) => void>();
  readonly #running = new Map<number, TaskEvent>();
  readonly #warn: (message: string) => void;
  #count = 0;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** The last event of each that is under way, oldest first. */
  running(): readonly TaskEvent[] {
    return [...this.#running.values()];
  }

  /** `listener` gets every event from now on, until what is returned is called. */
  subscribe(listener: (event: TaskEvent) => void): () => void {
    // The same function may be given twice.
    const told = (event: TaskEvent): void => listener(event);
    this.#listeners.add(told);
    return () => void this.#listeners.delete(told);
  }

  start({ name: collection, id: collectionId }: TaskSubject, task: TaskKind, total: number): Task {
    const id = ++this.#count;
    this.#tell({ id, collection, collectionId, task, state: 'started', done: 0, total });
    const last = (): TaskEvent | undefined => this.#running.get(id);
    return {
      progress: (done) => {
        const event = last();
        if (event !== undefined && done > event.done) this.#tell({ ...event, state: 'progress', done });
      },
      end: (state) => {
        const event = last();
        if (event !== undefined) this.#tell({ ...event, state, done: state === 'finished' ? total : event.done });
      },
      fail: (error) => {
        const event = last();
        if (event !== undefined) this.#tell({ ...event, state: 'failed', error: String(error) });
      },
    };
  }

  /** Runs `work` as a task; it is aborted, not failed, if `isAborted` says so when it throws or ends. */
  async run<T>(subject: TaskSubject, kind: TaskKind, total: number, isAborted: () => boolean, work: (task: Task) => Promise<T>): Promise<T> {
    const task = this.start(subject, kind, total);
    try {
      const result = await work(task);
      task.end(isAborted() ? 'aborted' : 'finished');
      return result;
    } catch (error) {
      if (isAborted()) task.end('aborted');
      else task.fail(error);
      throw error;
    }
  }

  #tell(event: TaskEvent): void {
    if (event.state === 'started' || event.state === 'progress') this.#running.set(event.id, event);
    else this.#running.delete(event.id);
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#warn(`a listener of tasks failed: ${String(error)}`);
      }
    }
  }
}
