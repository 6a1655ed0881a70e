import { type CommandOutcome, createDeviceControl } from '../../../src/protocol/device-control.ts'
import type { ListedDevice } from '../../../src/protocol/operations/device.ts'
import { parseTopic, topics } from '../../../src/protocol/topics.ts'
import { createDeviceShelf } from './device-shelf.ts'
import type { DeviceEvent, Devices } from './devices.ts'
import { parsePrinted } from './entry.ts'
import type { Failure, Result } from './failure.ts'
import { createHeardSince, type HeardSince } from './heard-since.ts'
import { createListeners } from './listeners.ts'
import { createOncePerTurn } from './once-per-turn.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import type { Session } from './session.ts'
import { withModels } from './with-models.ts'

/** Filters for every device that the account may see, now and later, each as much as a viewer may see. */
const followed = [topics.state('+'), topics.presence('+'), topics.ack('+'), topics.event('+', '+')]

/** Follows `session`, from its first sign-in on. */
export function createDevices(session: Session): Devices {
  const changes = createListeners<[]>()
  const notified = createListeners<[]>()
  const events = createListeners<[event: DeviceEvent]>()
  const changed = createOncePerTurn(changes.tell)
  const control = createDeviceControl({
    publish: session.publish,
    caughtUp: session.caughtUp,
    changed: deviceId => shelf.touch(deviceId),
  })
  const shelf = createDeviceShelf(control, changed)
  let failure: Failure | undefined
  /** One for each list request that is under way. */
  const listening = new Set<HeardSince>()
  /** The list request on a connection whose account the broker has not confirmed yet. */
  let early: Asked | undefined
  /** The same, after it has confirmed. */
  let asked: Asked | undefined
  /** The account whose devices they are. */
  let userId: string | undefined

  const refresh = createOneAtATime(async (): Promise<Result<object>> => {
    const asker = session.account?.userId
    const { heard, answer } = asked ?? askWith(session.request)
    asked = undefined
    const listed = await answer
    listening.delete(heard)
    if (asker === undefined || asker !== session.account?.userId) return { ok: false, code: 'offline' } // the account does not have it any more
    failure = listed.ok ? undefined : failureOf(listed)
    if (listed.ok) shelf.put(withModels(listed.data).map(heard.over))
    else changed()
    return listed.ok ? { ok: true, data: {} } : listed
  })

  function askWith(ask: Session['request']): Asked {
    const heard = createHeardSince()
    listening.add(heard)
    return { heard, answer: ask('device/list', { models: 'once' }) }
  }

  /** The list shows what the broker has done before the caller is told. */
  async function thenRefreshed<T>(asked: Promise<Result<T>>): Promise<Result<T>> {
    const result = await asked
    if (result.ok) await refresh()
    return result
  }

  async function command(deviceId: string, send: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    if (session.status !== 'online') return { done: false, msg: 'offline' }
    const outcome = session.awaiting(send())
    shelf.touch(deviceId)
    const ended = await outcome
    shelf.touch(deviceId)
    return ended
  }

  session.onEntered(link => {
    link.subscribe(followed).catch(() => {}) // the connection is gone: this is repeated on the next one
    if (early) listening.delete(early.heard)
    early = askWith(link.ask)
  })

  session.onSignedIn(() => {
    if (userId !== session.account?.userId) shelf.clear()
    userId = session.account?.userId
    asked = early
    early = undefined
    void refresh()
  })

  session.onChange(() => {
    // Now it is not known whether the broker has a command, or whether the device has done it. The states of the next connection show that.
    if (session.status === 'offline') control.endAll('offline')
    if (session.status !== 'signed-out') return
    userId = undefined
    early = undefined
    asked = undefined
    listening.clear()
    failure = undefined
    shelf.clear()
  })

  session.onMessage((topic, payload, retained) => {
    const parsed = parseTopic(topic)
    for (const heard of listening) heard.received(topic, payload, retained)
    if (parsed?.kind === 'presence') shelf.heardPresence(parsed.deviceId, payload)
    else if (parsed?.kind === 'event') events.tell({ deviceId: parsed.deviceId, name: parsed.name, payload })
    else if (parsed?.kind === 'notify' && parsed.name === 'devices') {
      void refresh()
      notified.tell()
    } else control.received(topic, payload, retained)
  })

  return {
    get list() {
      return shelf.list
    },
    get failure() {
      return failure
    },
    get: shelf.get,
    onChange: changes.add,
    onNotified: notified.add,
    onEvent: events.add,
    refresh,
    set: (deviceId, wanted) => command(deviceId, () => control.set(deviceId, wanted)),
    invoke: (deviceId, action, input) => command(deviceId, () => control.invoke(deviceId, action, input)),
    claim: (deviceId, code) =>
      thenRefreshed(session.request('device/claim', { deviceId: parsePrinted(deviceId), code: parsePrinted(code) })),
    accept: invitation => thenRefreshed(session.request('device/accept', { invitation: parsePrinted(invitation) })),
    rename: (deviceId, name) => thenRefreshed(session.request('device/rename', { deviceId, name })),
    release: deviceId => thenRefreshed(session.request('device/release', { deviceId })),
    share: (deviceId, role) => session.request('device/share', { deviceId, role }),
    members: deviceId => session.request('device/members', { deviceId }),
    revoke: (deviceId, memberId) => thenRefreshed(session.request('device/revoke', { deviceId, userId: memberId })),
    changeRole: (deviceId, memberId, role) => session.request('device/role', { deviceId, userId: memberId, role }),
    invitations: deviceId => session.request('device/invitations', { deviceId }),
    withdraw: (deviceId, invitationId) => session.request('device/withdraw', { deviceId, invitationId }),
    invitation: invitation => session.requestAsGuest('device/invitation', { invitation: parsePrinted(invitation) }),
    usage: (deviceId, property, edgesMs) =>
      session.request('device/usage', { deviceId, property, edges: [...edgesMs] }),
    history: (deviceId, property, fromMs, toMs, points) =>
      session.request('device/history', { deviceId, property, from: fromMs, to: toMs, points }),
  }
}

/** A list request under way, and the messages that come meanwhile. */
interface Asked {
  readonly heard: HeardSince
  readonly answer: Promise<Result<ListedDevice[]>>
}

const failureOf = ({ code, retryAfter }: Failure): Failure =>
  retryAfter === undefined ? { code } : { code, retryAfter }
