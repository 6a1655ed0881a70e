import { createLog } from '../../../src/log/create-log.ts'

/** Logs two lines to stdout and ends in the way its argument names: at once, or once lines were handed to stdout. */
const log = createLog({ level: 'info', pretty: false })
log.info({ event: 'stopped' }, 'first')
if (process.argv[2] === 'a late error') await new Promise(resolve => setTimeout(resolve, 100)) // ten times what is gathered for
log.info({ event: 'stopped' }, 'last')
if (process.argv[2] === 'a late error') await new Promise(resolve => setTimeout(resolve, 100))
if (process.argv[2] === 'process.exit') process.exit(0)
throw new Error('on purpose')
