// x
export async function filtered(_: readonly string[]): Promise<void> {}
