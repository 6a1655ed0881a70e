/** What is kept is its owner's alone: it holds secrets, or what people do. */
export const privateMode = { file: 0o600, folder: 0o700 } as const
