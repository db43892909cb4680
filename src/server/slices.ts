// Slices: long work on the one thread that answers everybody, done in turns: after each few milliseconds others go first.

/** Milliseconds that work goes on without a break. */
export const SLICE_MS = 4;

/** To be asked often: a promise to wait for when it is the turn of others, else undefined. */
export type Pause = () => Promise<void> | undefined;

export function slices(sliceMs = SLICE_MS): Pause {
  let beganMs = performance.now();
  return () => {
    if (performance.now() - beganMs < sliceMs) return undefined;
    return nextTurn().then(() => void (beganMs = performance.now()));
  };
}

/** Resolves when others have had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void (typeof setImmediate === 'function' ? setImmediate(resolve) : setTimeout(resolve, 0)));
}
