import { expect, test } from 'vitest'
import type { OrderKind } from '../../../src/domain/orders.ts'
import { createAsynchronousBus } from '../../support/asynchronous-bus.ts'
import type { TestClient } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { sharedLamp } from '../../support/sharing.ts'
import { startApp } from '../../support/start-app.ts'
import { password } from '../../support/story.ts'

type Who = 'owner' | 'guest' | 'operator'
type Lamp = Awaited<ReturnType<typeof sharedLamp>>

const deviceId = 'lamp-1'

/** What changes somebody's rights, who asks for it, and what other nodes are to obey. */
const changes: readonly (readonly [string, Who, OrderKind, (lamp: Lamp) => object])[] = [
  ['device/role', 'owner', 'grant-changed', ({ guestId }) => ({ deviceId, userId: guestId, role: 'viewer' })],
  ['device/revoke', 'owner', 'grant-changed', ({ guestId }) => ({ deviceId, userId: guestId })],
  ['device/rename', 'owner', 'device-changed', () => ({ deviceId, name: 'Desk' })],
  ['device/release', 'owner', 'device-released', () => ({ deviceId })],
  ['auth/logout', 'owner', 'token-revoked', () => ({})],
  ['auth/logout', 'owner', 'account-signed-out', () => ({ everywhere: true })],
  ['auth/password', 'owner', 'account-signed-out', () => ({ current: password, next: password.replace(/./g, 'a') })],
  ['account/delete', 'guest', 'grant-changed', () => ({ password })],
  ['ops/user/disable', 'operator', 'account-signed-out', () => ({ username: 'guest' })],
  ['ops/user/signout', 'operator', 'account-signed-out', () => ({ username: 'guest' })],
  ['ops/device/disable', 'operator', 'device-barred', () => ({ deviceId })],
  ['ops/device/reset', 'operator', 'device-barred', () => ({ deviceId })],
  ['ops/device/add', 'operator', 'device-added', () => ({ type: 'lamp', deviceId: 'lamp-2' })],
  ['ops/address/block', 'operator', 'address-blocked', () => ({ address: '192.0.2.7', minutes: 1 })],
]

test.each(changes)(
  '%s by the %s is answered when other nodes have obeyed %s',
  async (operation, who, order, bodyOf) => {
    const bus = createAsynchronousBus()
    await using running = await startApp({ bus: bus.join() })
    await using lamp = await sharedLamp(running, 'controller')
    await using operator = await connectOperator(running)
    await using bystander = await connectOperator(running, 'bystander')
    const asking: Record<Who, TestClient> = { owner: lamp.owner, guest: lamp.guest, operator }
    const given = new Promise<void>(resolve => running.app.events.once(order, () => resolve()))
    const release = bus.hold()
    let isAnswered = false
    const reply = asking[who].request(operation, bodyOf(lamp)).then(({ code }) => {
      isAnswered = true
      return code
    })
    await given
    await bystander.request('ops/metrics') // a reply that was on its way is here before this one
    expect(isAnswered).toBe(false)
    release()
    expect(await reply).toBe(0)
  },
)
