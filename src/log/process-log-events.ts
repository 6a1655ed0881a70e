import { declare } from './declare-log-event.ts'

/** The lines about the process itself: its start and end, its files, its databases. A part of `catalogue.ts`. */
export const processLogEvents = {
  ready: declare({
    level: 'info',
    module: 'process',
    text: 'ready',
    fields: ['version', 'environment', 'host', 'ports', 'publicUrl', 'dataDir'],
  }),
  stopping: declare({ level: 'info', module: 'process', text: 'stopping', fields: ['signal'] }),
  stopped: declare({ level: 'info', module: 'process', text: 'stopped', fields: [] }),
  'log-level-changed': declare({
    level: 'info',
    module: 'process',
    text: 'log level changed',
    fields: ['logLevel', 'signal'],
  }),
  'unknown-variable': declare({
    level: 'warn',
    module: 'process',
    text: 'unknown environment variable',
    fields: ['variable', 'reason'],
  }),
  'few-descriptors': declare({
    level: 'warn',
    module: 'process',
    text: 'too few file descriptors for the configured number of connections: raise LimitNOFILE or ulimit -Hn',
    fields: ['count', 'setting', 'reason'],
  }),
  'stand-in-for-anybody': declare({
    level: 'warn',
    module: 'process',
    text: 'WeChat is not configured: anybody who reaches this broker can sign in as anybody (wechat.standIn)',
    fields: [],
  }),
  'certificates-reloaded': declare({
    level: 'info',
    module: 'process',
    text: 'certificate files reloaded: new connections use them',
    fields: ['signal'],
  }),
  'certificates-not-reloaded': declare({
    level: 'error',
    module: 'process',
    text: 'certificate files cannot be used: the previous certificate stays in use',
    fields: ['signal', 'reason'],
  }),
  'nothing-to-reload': declare({
    level: 'info',
    module: 'process',
    text: 'no files to reload',
    fields: ['signal'],
  }),
  'verification-files-read': declare({
    level: 'info',
    module: 'process',
    text: 'WeChat verification files read and served',
    fields: ['signal', 'count'],
  }),
  'verification-files-not-read': declare({
    level: 'error',
    module: 'process',
    text: 'WeChat verification folder cannot be read: the previous files are still served',
    fields: ['signal', 'reason'],
  }),
  'verification-file-left-out': declare({
    level: 'warn',
    module: 'process',
    text: 'a file in wechat.verificationFolder is not served',
    fields: ['file', 'reason'],
  }),
  fault: declare({
    level: 'error',
    module: 'process',
    text: 'internal error',
    fields: ['where', 'ref', 'err'],
  }),
  'store-changed-elsewhere': declare({
    level: 'debug',
    module: 'process',
    text: 'another process changed the database',
    fields: [],
  }),
  'database-locked': declare({
    level: 'warn',
    module: 'process',
    text: 'another process has locked the database: writes wait, and requests are answered "database busy"',
    fields: ['file'],
  }),
  'database-free': declare({
    level: 'info',
    module: 'process',
    text: 'database unlocked: it can be written again',
    fields: ['file', 'durationMs'],
  }),
} as const
