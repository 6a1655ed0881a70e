import { declare } from './declare-log-event.ts'

/** The lines that the process tells of itself: its start and end, its files, its databases. A part of the `catalogue.ts`. */
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
    text: 'another level of the log is in force',
    fields: ['logLevel', 'signal'],
  }),
  'unknown-variable': declare({
    level: 'warn',
    module: 'process',
    text: 'an environment variable is not a setting',
    fields: ['variable', 'reason'],
  }),
  'few-descriptors': declare({
    level: 'warn',
    module: 'process',
    text: 'the process may have fewer descriptors than its limit of connections needs: raise LimitNOFILE or ulimit -Hn',
    fields: ['count', 'setting', 'reason'],
  }),
  'stand-in-for-anybody': declare({
    level: 'warn',
    module: 'process',
    text: 'there is no WeChat: everybody who reaches this broker may sign in as anybody (wechat.standIn)',
    fields: [],
  }),
  'certificates-reloaded': declare({
    level: 'info',
    module: 'process',
    text: 'the certificate files are read again: new connections are shown what they hold',
    fields: ['signal'],
  }),
  'certificates-not-reloaded': declare({
    level: 'error',
    module: 'process',
    text: 'the certificate files cannot be used: what they held before stays in use',
    fields: ['signal', 'reason'],
  }),
  'nothing-to-reload': declare({
    level: 'info',
    module: 'process',
    text: 'there are no files to read again',
    fields: ['signal'],
  }),
  'verification-files-read': declare({
    level: 'info',
    module: 'process',
    text: 'the files that WeChat asks a domain for are read, and served',
    fields: ['signal', 'count'],
  }),
  'verification-files-not-read': declare({
    level: 'error',
    module: 'process',
    text: 'the folder of the files that WeChat asks a domain for cannot be read: what was read before is served',
    fields: ['signal', 'reason'],
  }),
  'verification-file-left-out': declare({
    level: 'warn',
    module: 'process',
    text: 'what lies in wechat.verificationFolder is not served',
    fields: ['file', 'reason'],
  }),
  fault: declare({
    level: 'error',
    module: 'process',
    text: 'something of ours failed',
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
    text: 'another process holds a lock on the database: what has to be written waits, requests are answered "database busy"',
    fields: ['file'],
  }),
  'database-free': declare({
    level: 'info',
    module: 'process',
    text: 'the database can be written again',
    fields: ['file', 'durationMs'],
  }),
} as const
