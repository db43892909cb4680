// x
export async function plot(_: readonly string[]): Promise<void> {}
