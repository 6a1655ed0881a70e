/** From the least to the gravest: the first level of `ops/log/{level}/{module}` that varies. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof logLevels)[number]

/** What a line of the log can be about: the last level of `ops/log/{level}/{module}`. */
export const logModules = ['process', 'sessions', 'requests', 'accounts', 'devices', 'operators'] as const
export type LogModule = (typeof logModules)[number]
