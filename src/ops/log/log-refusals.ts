import type { Events } from '../../domain/events.ts'
import type { Origin } from '../../domain/origin.ts'
import { principalName } from '../../domain/principal.ts'
import { type FieldsOf, type Log, writeLine } from '../../log/log.ts'
import { isOperationName } from '../../protocol/operations.ts'
import { originFields } from './origin-fields.ts'
import { createRefusalDamper, type RefusalDamper } from './refusal-damper.ts'

type LeftOut = FieldsOf<'refusals-left-out'>

/** Counts a refusal by principal, client and kind; a guest's by address, since a guest can return under any name. */
const note = (
  damper: RefusalDamper<LeftOut>,
  { clientId, address, principal }: Origin,
  kind: string | number,
  about: LeftOut,
): boolean =>
  principal.kind === 'guest'
    ? damper.noteFrom(address, about, `${kind}`)
    : damper.note(`${principalName(principal)} ${clientId} ${kind}`, about)

/** Writes refusals: of each kind and client ten in a minute, then the number of those left out. */
export function logRefusals(events: Events, log: Log): void {
  const tellOf = (_who: string, count: number, about: LeftOut) =>
    writeLine(log, 'refusals-left-out', { ...about, count })
  const publishes = createRefusalDamper<LeftOut>(tellOf)
  const subscribes = createRefusalDamper<LeftOut>(tellOf)
  const commands = createRefusalDamper<LeftOut>(tellOf)
  const signIns = createRefusalDamper<LeftOut>(tellOf)
  const requests = createRefusalDamper<LeftOut>(tellOf)

  events.on('publish-refused', ({ topic, rule, ...origin }) => {
    const about = { ...originFields(origin), reason: 'publish-refused', rule }
    if (note(publishes, origin, rule, about))
      writeLine(log, 'publish-refused', { ...originFields(origin), topic, rule })
  })
  events.on('subscribe-refused', ({ topic, rule, count, ...origin }) => {
    const about = { ...originFields(origin), reason: 'subscribe-refused', rule }
    if (note(subscribes, origin, rule, about))
      writeLine(log, 'subscribe-refused', { ...originFields(origin), topic, rule, count })
  })
  events.on('command-refused', ({ topic, code, reason, ...origin }) => {
    const about = { ...originFields(origin), reason: 'command-refused', code }
    if (note(commands, origin, code, about))
      writeLine(log, 'command-refused', { ...originFields(origin), topic, code, reason })
  })
  events.on('sign-in-refused', ({ operation, code, username: _, ...origin }) => {
    const about = { ...originFields(origin), reason: 'sign-in-refused', operation, code }
    if (note(signIns, origin, `${operation} ${code}`, about))
      writeLine(log, 'sign-in-refused', { ...originFields(origin), operation, code })
  })
  events.on('request-answered', ({ operation: asked, code, reason, ref, unheard, durationMs, ...origin }) => {
    const operation = isOperationName(asked) ? asked : 'unknown' // the client may send any name
    const about = { ...originFields(origin), reason: 'request-answered', operation, code }
    if (code === 0 || note(requests, origin, `${operation} ${code}`, about))
      writeLine(log, 'request-answered', { ...originFields(origin), operation, code, reason, ref, unheard, durationMs })
  })
}
