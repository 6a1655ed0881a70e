import type { AccountStore } from '../../domain/account.ts'
import type { DeviceStore } from '../../domain/device.ts'
import type { Explain, Explanation, Question } from '../../domain/explain.ts'
import type { OpenSessions } from '../../domain/open-sessions.ts'
import { type Decision, decideDelivery, decidePublish, decideSubscribe } from '../../domain/policy.ts'
import { guest, principalName, type Subject } from '../../domain/principal.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import { ruleMeaning } from '../../domain/rule-meaning.ts'
import { devicesRoot, parseTopic } from '../../protocol/topics.ts'

interface Options {
  readonly accounts: Pick<AccountStore, 'accountByUsername' | 'grantsOf'>
  readonly devices: Pick<DeviceStore, 'deviceById'>
  /** Absent when no broker runs. */
  readonly sessions?: Pick<OpenSessions, 'byClientId'>
}

interface Asked {
  readonly subject: Subject
  readonly notes: Explanation['notes']
}

/** No client has this id, so it matches nobody's own topics. */
const noClient = '(any)'
/** Decisions do not depend on the token. */
const token = { id: '', expiresAtMs: Number.POSITIVE_INFINITY }

/** Asks the same functions as the broker does, with current rights. */
export function createExplain({ accounts, devices, sessions }: Options): Explain {
  async function asUser(username: string, clientId: string): Promise<Asked | Refusal<3001>> {
    const account = await accounts.accountByUsername(username)
    if (!account) return refuse(3001, { detail: username })
    const { id: userId, username: name, role, disabled } = account
    const notes: Asked['notes'] = disabled ? ['account-disabled'] : []
    if (role === 'operator')
      return { subject: { clientId, principal: { kind: 'operator', userId, username: name, token } }, notes }
    const grants = await accounts.grantsOf(userId)
    return { subject: { clientId, principal: { kind: 'user', userId, username: name, grants, token } }, notes }
  }

  async function asDevice(deviceId: string): Promise<Asked | Refusal<2001>> {
    const device = await devices.deviceById(deviceId)
    if (!device) return refuse(2001, { detail: deviceId })
    const principal = { kind: 'device', deviceId, type: device.type } as const
    return { subject: { clientId: deviceId, principal }, notes: device.disabled ? ['device-disabled'] : [] }
  }

  async function whoIsAsked(question: Question): Promise<Asked | Refusal<2001 | 3001 | 4000>> {
    const { user, device, service, session, acl = [], clientId = noClient } = question
    if ([user, device, service, session].filter(name => name !== undefined).length > 1)
      return refuse(4000, { detail: 'give one of user, device, service, session' })
    if (user !== undefined) return asUser(user, clientId)
    if (device !== undefined) return asDevice(device)
    if (service !== undefined)
      return { subject: { clientId, principal: { kind: 'service', name: service, acl, token } }, notes: [] }
    if (session === undefined) return { subject: { clientId, principal: guest }, notes: [] }
    const open = await sessions?.byClientId(session)
    return open ? { subject: open, notes: [] } : refuse(3001, { detail: session })
  }

  /** What the policy does not look at: the device that the topic names. */
  async function notesOn(topic: string, isPublish: boolean): Promise<Explanation['notes']> {
    const parsed = parseTopic(topic)
    if (!parsed || !('deviceId' in parsed) || parsed.deviceId === '+') return []
    const device = await devices.deviceById(parsed.deviceId)
    if (!device) return ['no-such-device']
    if (!isPublish || (parsed.kind !== 'set' && parsed.kind !== 'invoke')) return []
    const offline = sessions && (await sessions.byClientId(parsed.deviceId))?.principal.kind !== 'device'
    return [
      ...(device.disabled ? (['device-disabled'] as const) : []),
      ...(offline ? (['device-offline'] as const) : []),
      'values-are-checked-by-the-device-type',
    ]
  }

  return async question => {
    const action = actionOf(question)
    if (!action) return refuse(4000, { detail: 'give one of publish, subscribe, deliver' })
    const asked = await whoIsAsked(question)
    if (isRefusal(asked)) return asked
    const { subject, notes } = asked
    const { allowed, rule } = action.decide(subject)
    const role = roleOf(subject, action.topic)
    return {
      allowed,
      rule,
      because: ruleMeaning(rule),
      as: principalName(subject.principal),
      ...(role !== undefined && { role }),
      notes: [...notes, ...(await notesOn(action.topic, question.publish !== undefined))],
    }
  }
}

interface Action {
  readonly topic: string
  readonly decide: (subject: Subject) => Decision
}

function actionOf({ publish, subscribe, deliver, retain = false }: Question): Action | undefined {
  const actions: Action[] = []
  if (publish !== undefined) actions.push({ topic: publish, decide: who => decidePublish(who, publish, retain) })
  if (subscribe !== undefined) actions.push({ topic: subscribe, decide: who => decideSubscribe(who, subscribe) })
  if (deliver !== undefined) actions.push({ topic: deliver, decide: who => decideDelivery(who, deliver) })
  return actions.length === 1 ? actions[0] : undefined
}

/** Only for a user, and for a topic of a device. */
function roleOf({ principal }: Subject, topic: string): string | null | undefined {
  const [root, deviceId = ''] = topic.split('/')
  if (principal.kind !== 'user' || root !== devicesRoot || /^[+#]?$/.test(deviceId)) return undefined
  return principal.grants.get(deviceId) ?? null
}
