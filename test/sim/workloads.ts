// Workloads: short histories, each of its own from a seed. Together they go through every way in which the engine
// writes: batches alone and at once, seals asked for and by themselves, deletions, collections made, dropped and made
// anew, indexes defined and built, reopenings.

import type { Session } from './session.js';

export type Workload = (session: Session) => Promise<void>;

/** Rows beyond which a segment gets an index. */
const INDEXED_ROWS = 1040;

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  async 'rows one by one'(s) {
    await s.create('a');
    for (const row of s.range(0, 12)) await s.write('a', [row]);
    for (const row of s.some(6, 12)) await s.write('a', [row]);
  },

  async 'batches and flushes'(s) {
    await s.create('a');
    for (let round = 0; round < 4; round++) {
      await s.write('a', s.some(1 + s.integer(8), 30));
      if (s.integer(2) === 0) await s.flush('a');
      await s.write('a', s.some(3, 30));
    }
    await s.flush('a');
  },

  async 'deletes by id'(s) {
    await s.create('a');
    await s.write('a', s.range(0, 10));
    await s.remove('a', s.some(3, 12));
    await s.flush('a');
    await s.remove('a', s.some(3, 12));
    await s.write('a', s.some(4, 12));
    await s.remove('a', s.some(2, 12));
    await s.flush('a');
    await s.remove('a', [0, 1, 2]);
  },

  async 'deletes by filter'(s) {
    await s.create('a', 'named');
    for (let round = 0; round < 3; round++) {
      for (let batch = 0; batch < 3; batch++) await s.write('a', s.some(4, 20));
      await s.removeOlder('a', s.history.nextVersion() - 2);
      if (s.integer(2) === 0) await s.flush('a');
    }
    await s.removeOlder('a', s.history.nextVersion());
    await s.write('a', [1]);
  },

  async 'everything deleted'(s) {
    await s.create('a');
    await s.write('a', s.range(0, 8));
    await s.flush('a');
    await s.remove('a', s.range(0, 8));
    await s.flush('a');
    await s.write('a', [3, 4]);
    await s.remove('a', [3, 4]);
    await s.flush('a');
    await s.write('a', [5]);
  },

  async 'seals by itself'(s) {
    await s.create('a');
    for (let batch = 0; batch < 12; batch++) await s.write('a', s.some(9, 200));
    await s.idle();
    await s.write('a', [7]);
  },

  async 'writes at once'(s) {
    await s.create('a');
    for (let round = 0; round < 3; round++) {
      await Promise.all([...Array(8).keys()].map(() => (s.integer(4) === 0 ? s.remove('a', s.some(2, 20)) : s.write('a', s.some(1 + s.integer(5), 20)))));
    }
  },

  async 'writes and flushes at once'(s) {
    await s.create('a');
    for (let round = 0; round < 3; round++) {
      const calls: Promise<void>[] = [];
      for (let call = 0; call < 7; call++) calls.push(s.integer(3) === 0 ? s.flush('a') : s.write('a', s.some(3, 25)));
      await Promise.all(calls);
    }
  },

  async 'vectors of several types'(s) {
    await s.create('a', 'mixed');
    for (let round = 0; round < 3; round++) {
      await s.write('a', s.some(5, 24));
      if (s.integer(2) === 0) await s.flush('a');
      await Promise.all([s.write('a', s.some(3, 24)), s.remove('a', s.some(2, 24))]);
      if (round === 1) await s.reopen();
    }
    await s.flush('a');
    await s.write('a', [1]);
  },

  async 'two collections'(s) {
    await s.create('a');
    await s.create('b', 'named');
    for (let round = 0; round < 4; round++) {
      await s.write('a', s.some(4, 20));
      await s.write('b', s.some(4, 20));
      if (round === 1) await s.flush('a');
      if (round === 2) await s.flush('b');
    }
    await s.remove('a', s.some(4, 20));
  },

  async 'two collections at once'(s) {
    await Promise.all([s.create('a'), s.create('b', 'named')]);
    const rounds = async (name: string): Promise<void> => {
      for (let round = 0; round < 5; round++) {
        await s.write(name, s.some(4, 20));
        if (s.integer(3) === 0) await s.flush(name);
      }
    };
    await Promise.all([rounds('a'), rounds('b')]);
  },

  async 'dropped and made anew'(s) {
    for (let life = 0; life < 3; life++) {
      await s.create('a', life === 1 ? 'named' : 'numbered');
      await s.write('a', s.some(5, 10));
      if (s.integer(2) === 0) await s.flush('a');
      await s.write('a', s.some(2, 10));
      await s.drop('a');
    }
    await s.create('a');
    await s.write('a', [1, 2]);
  },

  async 'dropped beside another'(s) {
    await s.create('a');
    await s.create('b');
    await s.write('a', s.range(0, 5));
    await Promise.all([s.write('a', s.some(3, 9)), s.drop('b'), s.flush('a')]);
    await s.create('c', 'named');
    await Promise.all([s.drop('a'), s.write('c', s.range(0, 5))]);
    await s.flush('c');
  },

  async 'many collections'(s) {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await s.create(name);
    for (const name of ['a', 'c', 'e']) await s.write(name, s.some(3, 9));
    await s.drop('b');
    await s.drop('d');
    await s.write('a', [1]);
  },

  async 'indexes defined'(s) {
    await s.create('a');
    await s.write('a', s.range(0, 6));
    await s.createIndex('a', 'HNSW');
    await s.flush('a');
    await s.dropIndex('a');
    await s.createIndex('a', 'FLAT');
    await s.write('a', [2, 9]);
    await s.dropIndex('a');
    await s.createIndex('a', 'IVF_FLAT');
  },

  async 'indexes defined while writing'(s) {
    await s.create('a', 'named');
    await Promise.all([s.write('a', s.range(0, 6)), s.createIndex('a', 'HNSW'), s.write('a', [1, 9]), s.flush('a')]);
    await Promise.all([s.dropIndex('a'), s.write('a', [4]), s.flush('a'), s.remove('a', [0])]);
    await s.write('a', [3]);
  },

  async 'an index built in the background'(s) {
    await s.create('a');
    await s.createIndex('a', 'IVF_FLAT');
    await s.write('a', s.range(0, INDEXED_ROWS));
    await s.idle(4000);
    await s.write('a', s.some(3, INDEXED_ROWS));
    await s.remove('a', s.some(3, INDEXED_ROWS));
    await s.flush('a');
    await s.search('a');
    await s.write('a', [1]);
  },

  async 'reopened again and again'(s) {
    await s.create('a');
    for (let round = 0; round < 5; round++) {
      await s.write('a', s.some(3, 20));
      if (s.integer(2) === 0) await s.flush('a');
      await s.write('a', s.some(2, 20));
      await s.reopen();
    }
  },

  async 'reopened while writing'(s) {
    await s.create('a');
    for (let round = 0; round < 4; round++) {
      const writes = [s.write('a', s.some(3, 20)), s.write('a', s.some(3, 20)), s.flush('a')];
      await s.idle(s.integer(20));
      await s.close();
      await Promise.all(writes);
    }
    await s.write('a', [1]);
  },

  async 'large batches'(s) {
    await s.create('a', 'named');
    await s.write('a', s.range(0, 200));
    await s.write('a', s.range(100, 200));
    await s.remove('a', s.range(50, 100));
    await s.flush('a');
    await s.write('a', s.some(60, 300));
  },

  async 'acknowledged in memory'(s) {
    await s.create('a');
    for (let round = 0; round < 6; round++) {
      for (let batch = 0; batch < 3; batch++) await s.write('a', s.some(3, 20), 'memory');
      await s.remove('a', s.some(2, 20), s.integer(2) === 0 ? 'memory' : 'flushed');
      if (s.integer(3) === 0) await s.idle(30);
    }
    await s.flush('a');
    await s.write('a', [1, 2], 'memory');
    await s.remove('a', [1], 'memory');
  },

  async 'acknowledged in memory and durably at once'(s) {
    await s.create('a', 'named');
    for (let round = 0; round < 4; round++) {
      await Promise.all([...Array(8).keys()].map(() => s.write('a', s.some(1 + s.integer(4), 20), s.integer(3) === 0 ? 'flushed' : 'memory')));
      if (s.integer(2) === 0) await Promise.all([s.write('a', s.some(3, 20), 'memory'), s.flush('a'), s.write('a', s.some(3, 20), 'memory')]);
    }
    await s.write('a', [1], 'memory');
    await s.reopen();
    await s.write('a', [2], 'memory');
  },

  async 'sealed while writing'(s) {
    await s.create('a');
    await s.write('a', s.range(0, 12));
    for (let round = 0; round < 4; round++) {
      const flushing = s.flush('a');
      for (let batch = 0; batch < 6; batch++) {
        const ack = s.integer(3) === 0 ? 'memory' : 'flushed';
        await (s.integer(3) === 0 ? s.remove('a', s.some(3, 30), ack) : s.write('a', s.some(4, 30), ack));
      }
      await flushing;
    }
  },

  async 'segments merged'(s) {
    await s.create('a');
    for (let round = 0; round < 4; round++) {
      await s.write('a', s.some(5, 30));
      await s.flush('a');
    }
    await s.remove('a', s.some(6, 30));
    await s.compact('a');
    await s.write('a', s.some(3, 30));
    await s.flush('a');
    await s.compact('a');
    await s.remove('a', s.some(3, 30));
  },

  async 'segments merged while writing'(s) {
    await s.create('a', 'named');
    for (let round = 0; round < 3; round++) {
      await s.write('a', s.some(5, 30));
      await s.flush('a');
      await s.write('a', s.some(4, 30), 'memory');
      await s.flush('a');
      const merging = s.compact('a');
      for (let batch = 0; batch < 5; batch++) {
        const ack = s.integer(3) === 0 ? 'memory' : 'flushed';
        await (s.integer(2) === 0 ? s.remove('a', s.some(3, 30), ack) : s.write('a', s.some(3, 30), ack));
        if (s.integer(4) === 0) await s.flush('a');
      }
      await merging;
    }
    await Promise.all([s.compact('a'), s.reopen()]);
    await s.write('a', [1]);
  },

  async 'copies pulled'(s) {
    await s.serve('p');
    await s.create('a');
    for (let round = 0; round < 4; round++) {
      await s.serverWrite('p', s.some(6, 20));
      if (round > 1) await s.serverRemove('p', s.some(3, 20));
      await s.serverFlush('p');
      await Promise.all([s.pull('p'), s.write('a', s.some(2, 9))]);
      if (s.integer(2) === 0) await s.pull('p');
      if (s.integer(3) === 0) await s.reopen();
    }
    await s.serve('p');
    await s.serverWrite('p', [1, 2, 3]);
    await s.serverFlush('p');
    await s.pull('p', true);
  },

  async 'segments sent'(s) {
    await s.create('a', 'pushed');
    await s.write('a', s.some(6, 20));
    if (s.integer(2) === 0) await s.flush('a');
    for (let round = 0; round < 4; round++) {
      await s.write('a', s.some(3, 20), s.integer(2) === 0 ? 'memory' : 'flushed');
      await s.remove('a', s.some(2, 20));
      await Promise.all([s.adopt('a', s.some(6, 30)), ...(s.integer(2) === 0 ? [s.flush('a'), s.compact('a')] : [])]);
      if (s.integer(2) === 0) await s.remove('a', s.some(3, 30));
      await s.write('a', s.some(3, 30), s.integer(2) === 0 ? 'memory' : 'flushed');
      if (s.integer(3) === 0) await s.reopen();
      if (s.integer(4) === 0) await s.truncate('a');
    }
    await s.adopt('a', s.range(0, 3));
    await s.compact('a');
    await s.remove('a', [1]);
  },

  async 'empty batches'(s) {
    await s.create('a');
    await s.write('a', []);
    await s.flush('a');
    await s.remove('a', []);
    await s.write('a', [1]);
    await s.write('a', []);
    await s.remove('a', [99]);
    await s.flush('a');
    await s.remove('a', [98]);
    await s.flush('a');
    await s.flush('a');
  },

  async 'fields added'(s) {
    await s.create('a', 'named');
    await s.write('a', s.range(0, 6));
    await s.addField('a', 'added1');
    await s.write('a', s.some(4, 9));
    await Promise.all([s.write('a', s.some(3, 9)), s.addField('a', 'added2'), s.write('a', s.some(3, 9)), s.flush('a')]);
    await s.write('a', s.some(3, 9));
    await s.reopen();
    await s.addField('a', 'added3');
    await s.remove('a', s.some(2, 9));
    await s.write('a', s.some(2, 9));
    await s.reopen();
    await s.write('a', [1]);
  },

  async 'partitions made and dropped'(s) {
    await s.create('a');
    await s.write('a', s.range(0, 4));
    await s.createPartition('a', 'p');
    await s.writeInto('a', 'p', s.range(100, 4));
    if (s.integer(2) === 0) await s.flush('a');
    await s.writeInto('a', 'p', s.range(102, 3));
    await s.write('a', s.some(3, 9));
    await s.dropPartition('a', 'p', s.range(100, 5));
    await s.reopen();
    await s.createPartition('a', 'p');
    await s.writeInto('a', 'p', s.range(101, 2));
    await s.flush('a');
    await s.compact('a');
  },

  async 'names changed'(s) {
    await s.create('a');
    await s.create('c');
    await s.create('d');
    await s.write('d', s.range(0, 4));
    await s.alias('x', 'a');
    await s.alias('x', 'c');
    await s.rename('d', 'b');
    await s.write('b', s.some(3, 6));
    await s.flush('b');
    await s.reopen();
    await s.write('b', s.some(2, 6));
    await s.alias('x', 'a');
    await s.create('d');
    await s.write('d', [7]);
  },

  async 'truncations'(s) {
    await s.create('a');
    await s.write('a', s.range(0, 6));
    if (s.integer(2) === 0) await s.flush('a');
    await s.write('a', s.some(3, 9));
    await s.truncate('a');
    await s.write('a', s.some(4, 9));
    await Promise.all([s.flush('a'), s.write('a', s.some(2, 9))]);
    await s.truncate('a');
    await s.truncate('a');
    await s.reopen();
    await s.write('a', s.some(2, 9));
    await s.flush('a');
  },
};
