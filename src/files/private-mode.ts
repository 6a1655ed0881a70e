/** Modes of files and folders that only their owner may read: they contain secrets, or what people do. */
export const privateMode = { file: 0o600, folder: 0o700 } as const
