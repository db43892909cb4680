// Notes in a vector store of LangChain: run with `node notes.mjs`, in a folder where elanus and @langchain/core are installed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Document } from '@langchain/core/documents';
import { Embeddings } from '@langchain/core/embeddings';
import { open } from 'elanus';
import { ElanusVectorStore } from 'elanus/langchain';

/** Stands for your model: texts are near that have letters in common. */
class Letters extends Embeddings {
  async embedQuery(text) {
    const counts = new Array(26).fill(0.01);
    for (const letter of text.toLowerCase()) if (letter >= 'a' && letter <= 'z') counts[letter.charCodeAt(0) - 97]++;
    return counts;
  }

  embedDocuments(texts) {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

const directory = await mkdtemp(join(tmpdir(), 'elanus-notes-'));
const db = await open('notes', { directory }); // in a page: open('notes')
const store = await ElanusVectorStore.fromDocuments(
  [
    new Document({ pageContent: 'a kite hovers over the field', metadata: { source: 'birds.md', page: 1 } }),
    new Document({ pageContent: 'ships carried salt', metadata: { source: 'ships.md', page: 7 } }),
    new Document({ pageContent: 'kestrels hover too', metadata: { source: 'birds.md', page: 2 } }),
  ],
  new Letters({}),
  { db, collectionName: 'notes' },
);

const retriever = store.asRetriever({ k: 1, filter: 'source == "birds.md" and page > 1' });
for (const { pageContent, metadata } of await retriever.invoke('hovering kites')) console.log(`${pageContent} (${metadata.source}, page ${metadata.page})`);
await db.close();
await rm(directory, { recursive: true });
