// Passages: what the notes begin with: paragraphs of XQuAD, cut at sentences into pieces of a note's length.

export interface Passage {
  readonly title: string;
  readonly text: string;
}

const LENGTH_MAX = 420;

/** Errors: what `fetch` throws if the file is neither here nor reached. */
export async function fetchPassages(): Promise<readonly Passage[]> {
  const response = await fetch(new URL('../../data/xquad-en.corpus.jsonl.gz', import.meta.url));
  if (!response.ok || response.body === null) throw new Error(`the notes to begin with: HTTP ${response.status}`);
  const text = await new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).text();
  const paragraphs = text.trimEnd().split('\n').map((line) => JSON.parse(line) as Passage);
  return paragraphs.flatMap(({ title, text: whole }) => pieces(whole).map((piece) => ({ title: title.replaceAll('_', ' '), text: piece })));
}

function pieces(paragraph: string): readonly string[] {
  const found: string[] = [];
  for (const sentence of paragraph.split(/(?<=[.!?]["”]?)\s+(?=\p{Lu})/u)) {
    const last = found.at(-1);
    if (last !== undefined && last.length + sentence.length < LENGTH_MAX) found[found.length - 1] = `${last} ${sentence}`;
    else found.push(sentence);
  }
  return found;
}
