import type { DeviceRole } from '../../src/protocol/operations/device.ts'
import { connectWithToken, type TestClient } from './mqtt-client.ts'
import type { RunningApp } from './start-app.ts'
import { connectAsDevice, ownerOf, registerUser } from './story.ts'

/** Makes an invitation and resolves with its text. */
export async function share(owner: TestClient, deviceId: string, role: DeviceRole): Promise<string> {
  const reply = await owner.request('device/share', { deviceId, role })
  if (reply.code !== 0) throw new Error(`share answered ${JSON.stringify(reply)}`)
  return (reply.data as { invitation: string }).invitation
}

/** Has `client` take up an invitation of that role. */
export async function give(owner: TestClient, deviceId: string, role: DeviceRole, client: TestClient): Promise<void> {
  const reply = await client.request('device/accept', { invitation: await share(owner, deviceId, role) })
  if (reply.code !== 0) throw new Error(`accept answered ${JSON.stringify(reply)}`)
}

/** The connected lamp `lamp-1` with its owner, and `guest`, who has the role on it that is asked for. */
export async function sharedLamp(running: RunningApp, role?: DeviceRole) {
  const { device, client: owner, token: ownerToken, userId: ownerId } = await ownerOf(running, 'lamp-1', 'lamp')
  const lamp = await connectAsDevice(running, device)
  const { client: guest, token: guestToken, userId: guestId } = await registerUser(running, 'guest')
  if (role) await give(owner, 'lamp-1', role, guest)
  const clients = [owner, lamp, guest]
  return {
    device,
    lamp,
    owner,
    ownerId,
    ownerToken,
    guest,
    guestId,
    guestToken,
    /** Another connection of the same user, ended with the rest. */
    async connect(token: string, options = {}): Promise<TestClient> {
      const client = await connectWithToken(running.wsUrl, token, options)
      clients.push(client)
      return client
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client[Symbol.asyncDispose]()
    },
  }
}

/** What came of devices' own topics. */
export const ofDevices = ({ received }: TestClient) => received.filter(({ topic }) => topic.startsWith('devices/'))
