// x
export async function bars(_: readonly string[]): Promise<void> {}
