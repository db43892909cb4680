// Late: what is made when it is first asked for, mostly as its modules take long to load, by what is given then. Where that
// fails, it is tried again for who asks next.

export function late<T, Args extends readonly unknown[] = []>(make: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...args) => {
    made ??= make(...args).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
