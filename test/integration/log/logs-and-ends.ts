import { createLog } from '../../../src/log.ts'

/** Logs two lines to stdout and ends at once, in the way its argument names. */
const log = createLog({ level: 'info', pretty: false })
log.info({ event: 'stopped' }, 'first')
log.info({ event: 'stopped' }, 'last')
if (process.argv[2] === 'process.exit') process.exit(0)
throw new Error('on purpose')
