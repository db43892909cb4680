// Late: what is made when it is first asked for, mostly as its modules take long to load. Where that fails, it is tried again for
// who asks next.

export function late<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
