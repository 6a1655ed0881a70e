import { startApp } from '../../support/start-app.ts'
import type { BenchBroker } from './bench-broker.ts'

/** The whole program, logging at info: a device with its secret, and a user with a token who follows its devices. */
const { app, admin } = await startApp({ env: { LATCHKEY_LOG_LEVEL: 'info' } })
const account = await admin.administration.addAccount({ username: 'bench', password: 'bench', role: 'user' })
const device = await admin.provisioning.addDevice({ type: 'sensor', id: 'bench-device' })
if (typeof account === 'string' || typeof device === 'string') throw new Error('the bench could not be set up')
await admin.store.devices.claim(device.id, account.id)
const { token } = await admin.tokens.issueForAccount(account)

const ready: BenchBroker = {
  tcpPort: app.ports.mqtt,
  wsPort: app.ports.http,
  publisher: { clientId: device.id, username: device.id, password: device.secret },
  subscriber: { clientId: 'bench-phone', username: 'jwt', password: token },
}
process.send?.(ready)
