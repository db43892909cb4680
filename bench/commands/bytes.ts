// x
export async function bytes(_: readonly string[]): Promise<void> {}
