import { once } from 'node:events'
import { openStore } from '../../../src/store/open-store.ts'
import { account, device } from './records.ts'

/** Says `ready`, waits for the end of its input, then opens the database, makes an account, claims `lamp` for it and says how that went. */
const [, , file = '', accountId = ''] = process.argv
const go = once(process.stdin.resume(), 'end')
process.stdout.write('ready\n')
await go

const store = await openStore({ file, now: Date.now })
await store.accounts.createAccount(account(accountId))
await store.devices.createDevice(device('lamp'), { secretHash: 'secret', claimHash: 'claim' })
process.stdout.write(`${await store.devices.claim('lamp', accountId)}\n`)
await store.close()
