import { benchLogin } from './login.ts'
import { benchPolicy } from './policy.ts'
import { benchRouting } from './routing.ts'

/** Prints figures and ratios; judges nothing. `--smoke` runs each once and shortly, to see that they run. */
const smoke = process.argv.includes('--smoke')

benchPolicy(smoke ? 100_000 : 3_000_000)
await benchLogin(smoke ? 20 : 300)
await benchRouting(smoke ? 1 : 5, smoke ? 300 : 2000)
process.exit(0)
