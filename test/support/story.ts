import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { connectClient, connectGuest, type TestClient, wechatCode } from './mqtt-client.ts'
import type { RunningApp } from './start-app.ts'

export const password = passwordDigest('correct horse')

/** A signed-in user on a connection that began as a guest's, and the token it got. */
export async function registerUser(
  running: RunningApp,
  username: string,
): Promise<{ client: TestClient; token: string; userId: string }> {
  const client = await connectGuest(running.wsUrl)
  const reply = await client.request('auth/register', { username, password, code: wechatCode(username) })
  if (reply.code !== 0) throw new Error(`register answered ${JSON.stringify(reply)}`)
  const account = await running.admin.store.accounts.accountByUsername(username)
  return { client, token: reply.data, userId: account?.id ?? '' }
}

export interface TestDevice {
  readonly id: string
  readonly secret: string
  readonly claimCode: string
}

/** A registered device, not connected. */
export async function addDevice(running: RunningApp, type: string, id: string): Promise<TestDevice> {
  const device = await running.admin.provisioning.addDevice({ type, id })
  if (typeof device === 'string') throw new Error(`device add answered ${device}`)
  return device
}

/** A device's own connection over TCP, with any MQTT library's means. */
export const connectAsDevice = (running: RunningApp, { id, secret }: TestDevice, options = {}): Promise<TestClient> =>
  connectClient(running.mqttUrl, { clientId: id, username: id, password: secret, ...options })

/** A token of an operator account made for it. */
export async function operatorToken(running: RunningApp, username = 'root'): Promise<string> {
  const account = await running.admin.administration.addAccount({ username, password: 'secret', role: 'operator' })
  if (typeof account === 'string') throw new Error(account)
  return (await running.admin.tokens.issueForAccount(account)).token
}

/** A token of an integration that may do anything below `app/`. */
export async function serviceToken(running: RunningApp, name = 'pipeline'): Promise<string> {
  const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
  return (await running.admin.tokens.issueForService(name, acl, 36_000)).token
}

/** A device with its owner, signed in on the connection that claimed it. */
export async function ownerOf(running: RunningApp, id: string, type = 'sensor') {
  const device = await addDevice(running, type, id)
  const user = await registerUser(running, `owner-of-${id}`)
  const claimed = await user.client.request('device/claim', { deviceId: id, code: device.claimCode })
  if (claimed.code !== 0) throw new Error(`claim answered ${JSON.stringify(claimed)}`)
  return { device, ...user }
}

/** True when a line of the log holds every one of `parts`. */
export const logged = (running: RunningApp, ...parts: string[]): boolean =>
  running.lines.some(line => parts.every(part => line.includes(part)))

/** Ends a client and resolves when the broker has seen it go. */
export async function leave(running: RunningApp, client: TestClient): Promise<void> {
  const gone = new Promise<void>(resolve => {
    const seen = ({ clientId }: { clientId: string }) => {
      if (clientId !== client.id) return
      running.app.events.off('session-closed', seen)
      resolve()
    }
    running.app.events.on('session-closed', seen)
  })
  await client[Symbol.asyncDispose]()
  await gone
}
