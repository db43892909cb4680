// Beyond: thrown for what the reader leaves to the engine, which then answers, or says what is wrong. So the reader needs
// neither the rare cases nor the words for any error.

export class Beyond extends Error {}

/** What is left out unless `holds`. `what` is for who debugs. */
export function within(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Beyond(what);
}
