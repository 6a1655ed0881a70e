import type { Events, Origin } from '../domain/events.ts'
import { type FieldsOf, type Log, writeLine } from '../domain/log.ts'
import { networkOf } from '../domain/network.ts'
import { principalName } from '../domain/principal.ts'
import { isOperationName } from '../protocol/operations.ts'
import { originFields } from './origin-fields.ts'
import { createRefusalDamper } from './refusal-damper.ts'

type LeftOut = FieldsOf<'refusals-left-out'>

/** Who is not signed in comes back as somebody else at will. */
const whoOf = ({ clientId, address, principal }: Origin): string =>
  principal.kind === 'guest' ? `guest ${networkOf(address)}` : `${principalName(principal)} ${clientId}`

/** Writes what clients were refused: of each kind and client ten in a minute, and how many there were besides. */
export function logRefusals(events: Events, log: Log): void {
  const tellOf = (_who: string, count: number, about: LeftOut) =>
    writeLine(log, 'refusals-left-out', { ...about, count })
  const publishes = createRefusalDamper<LeftOut>(tellOf)
  const subscribes = createRefusalDamper<LeftOut>(tellOf)
  const commands = createRefusalDamper<LeftOut>(tellOf)
  const requests = createRefusalDamper<LeftOut>(tellOf)

  events.on('publish-refused', ({ topic, rule, ...origin }) => {
    const about = { ...originFields(origin), reason: 'publish-refused', rule }
    if (publishes.note(`${whoOf(origin)} ${rule}`, about))
      writeLine(log, 'publish-refused', { ...originFields(origin), topic, rule })
  })
  events.on('subscribe-refused', ({ topic, rule, count, ...origin }) => {
    const about = { ...originFields(origin), reason: 'subscribe-refused', rule }
    if (subscribes.note(`${whoOf(origin)} ${rule}`, about))
      writeLine(log, 'subscribe-refused', { ...originFields(origin), topic, rule, count })
  })
  events.on('command-refused', ({ topic, code, reason, ...origin }) => {
    const about = { ...originFields(origin), reason: 'command-refused', code }
    if (commands.note(`${whoOf(origin)} ${code}`, about))
      writeLine(log, 'command-refused', { ...originFields(origin), topic, code, reason })
  })
  events.on('request-answered', ({ operation: asked, code, reason, unheard, durationMs, ...origin }) => {
    const operation = isOperationName(asked) ? asked : 'unknown' // it may be anything
    const about = { ...originFields(origin), reason: 'request-answered', operation, code }
    if (code === 0 || requests.note(`${whoOf(origin)} ${operation} ${code}`, about))
      writeLine(log, 'request-answered', { ...originFields(origin), operation, code, reason, unheard, durationMs })
  })
}
