// Our full text search as it runs in a page: analyzers in JavaScript, BM25 in core.wasm.

import { loadAnalyzer, type Analyzer } from '../../src/text/analyzer.js';
import { checkAnalyzerParams } from '../../src/text/analyzer-params.js';
import { BM25_DEFAULTS } from '../../src/text/bm25.js';
import { textRows, textVector } from '../../src/text/frequencies.js';
import { textQueries, type TextSegment } from '../../src/text/text-index.js';
import type { Core } from '../../src/ports/core.js';

const BATCH = 1024;

export interface OwnTexts {
  /** The rows of the best `k` texts, best first. */
  search(query: string, k: number): Uint32Array;
  readonly indexBytes: number;
  close(): void;
}

export async function indexTexts(core: Core, texts: readonly string[], params: unknown): Promise<OwnTexts> {
  const analyzer: Analyzer = await loadAnalyzer(checkAnalyzerParams(params));
  const build = core.buildSparse('frequencies');
  for (let first = 0; first < texts.length; first += BATCH) {
    const { lengths, ...rows } = textRows(texts.slice(first, first + BATCH).map((text) => textVector(analyzer, text)));
    build.append(rows, lengths);
  }
  const file = build.finish(new Uint8Array(32));
  build.close();
  const index = core.openSparse(file);
  const segments: readonly TextSegment[] = [{ index, alive: undefined, deleted: 0 }];
  return {
    search(query, k) {
      const { rows, bm25 } = textQueries([textVector(analyzer, query)], segments, BM25_DEFAULTS);
      const found = index.search(rows, k, { bm25 });
      return found.rows.subarray(0, found.counts[0]);
    },
    indexBytes: file.length,
    close: () => index.close(),
  };
}
