import { startProgram } from './brokers.ts'
import { benchHistory } from './history.ts'
import { benchLogin } from './login.ts'
import { benchPolicy } from './policy.ts'
import { benchRestart } from './restart.ts'
import { benchRouting } from './routing.ts'
import { benchTail, benchWatched } from './watched.ts'

/** Prints figures and ratios; judges nothing. `--smoke` runs each once and shortly, to see that they run. */
const smoke = process.argv.includes('--smoke')

benchPolicy(smoke ? 100_000 : 3_000_000)
const latchkey = await startProgram()
await benchRouting(latchkey, smoke ? 1 : 7, smoke ? 300 : 1500)
await benchLogin(latchkey, smoke ? { warmUp: 0, count: 20 } : { warmUp: 2000, count: 500 })
await latchkey[Symbol.asyncDispose]()
await benchWatched(smoke ? { rounds: 1, windowMs: 300 } : { rounds: 10, windowMs: 1500 })
await benchTail(smoke ? { rounds: 1, windowMs: 500 } : { rounds: 5, windowMs: 5000 })
await benchHistory(smoke ? { devices: 20, rounds: 1, windowMs: 1000 } : { devices: 1000, rounds: 24, windowMs: 5000 })
await benchRestart(smoke ? 1000 : 100_000, smoke ? 1 : 5)
process.exit(0)
