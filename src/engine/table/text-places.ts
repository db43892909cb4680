// TextPlaces: places, as safe integers, by keys that are texts, in as many Maps as it takes: one holds 2^24 entries at most.

/** Of one Map, where those that were deleted count until it is made anew. */
const MAP_ENTRIES_MAX = 2 ** 23;

export class TextPlaces {
  readonly #entriesMax: number;
  #maps: Map<string, number>[] = [new Map()];

  constructor(entriesMax = MAP_ENTRIES_MAX) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#maps.reduce((sum, { size }) => sum + size, 0);
  }

  get(key: string): number | undefined {
    for (const map of this.#maps) {
      const place = map.get(key);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** Sets the place of a key; gives the one it had. */
  set(key: string, place: number): number | undefined {
    for (const map of this.#maps) {
      const before = map.get(key);
      if (before === undefined) continue;
      map.set(key, place);
      return before;
    }
    this.#free().set(key, place);
    return undefined;
  }

  /** Removes a key; gives the place it had. */
  delete(key: string): number | undefined {
    for (const map of this.#maps) {
      const before = map.get(key);
      if (before !== undefined && map.delete(key)) return before;
    }
    return undefined;
  }

  /** Removes the keys of places for which `isMeant` holds. */
  deleteAll(isMeant: (place: number) => boolean): void {
    for (const map of this.#maps) for (const [key, place] of map) if (isMeant(place)) map.delete(key);
  }

  clear(): void {
    this.#maps = [new Map()];
  }

  #free(): Map<string, number> {
    const free = this.#maps.find(({ size }) => size < this.#entriesMax);
    if (free !== undefined) return free;
    const map = new Map<string, number>();
    this.#maps.push(map);
    return map;
  }
}
