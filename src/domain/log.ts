/**
 * The fields a log line may carry, with their meaning. What is not listed is dropped, so a token, a password, a secret or an openid
 * cannot be logged by mistake. Values are text, numbers or booleans, except `err` (an error) and `ports` (numbers by name).
 */
export const logFields = {
  event: 'what happened: a fixed name',
  version: 'version of the program',
  environment: 'NODE_ENV',
  host: 'address the listeners are bound to',
  ports: 'ports really bound, by listener',
  dataDir: 'folder of the databases and keys',
  signal: 'signal that ends the process',
  setting: 'key of a setting',
  where: 'part of the program that a fault happened in',
  ref: 'reference that a client was given with code 5000',
  err: 'an error: type, message, stack and code',
  clientId: 'MQTT client id',
  address: 'network address of the client',
  transport: 'tcp, tls or ws',
  principal: 'whom the session acts for',
  userId: 'id of an account',
  username: 'name of an account',
  role: 'role of an account, or on a device',
  tokenId: 'id of a token, its `jti`',
  deviceId: 'id of a device',
  type: 'type of a device',
  property: 'property of a device',
  topic: 'topic name or filter',
  rule: 'rule of the policy that decided',
  operation: 'operation of a request',
  code: 'reply code',
  returnCode: 'CONNACK return code',
  reason: 'why',
  count: 'how many',
  online: 'whether a device is connected',
  durationMs: 'how long it took, in milliseconds',
} as const

export type LogField = keyof typeof logFields

/** The fields of one line. `event` names what happened and never changes between releases. */
export type LogLine = { readonly event: string } & { readonly [F in Exclude<LogField, 'event'>]?: unknown }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof logLevels)[number]

/** Writes log lines, a method a level: `log.info({ event: 'ready', ports }, 'ready')`. Never throws. */
export type Log = { readonly [L in LogLevel]: (line: LogLine, text: string) => void }
