import type { Message } from 'esbuild'

/** True for what esbuild throws, which carries the same lists as what it returns. */
export const isBuildFailure = (cause: unknown): cause is Error & { errors: Message[]; warnings: Message[] } =>
  cause instanceof Error && 'errors' in cause && Array.isArray(cause.errors)
