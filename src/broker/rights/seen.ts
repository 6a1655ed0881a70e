import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { Message } from '../../domain/message.ts'
import { type Locale, messageOf } from '../../protocol/codes.ts'
import { parseTopic, topics } from '../../protocol/topics.ts'
import { notify } from '../sessions/notify.ts'
import type { SessionTable } from '../sessions/session-table.ts'

/**
 * A message as its readers get it; undefined for nothing. A device's report is folded by that, and the device is told what its type refuses; so it is
 * to be asked once for each message, in the turn in which that is written: the state is kept with it.
 */
export type Seen = (message: Message) => Message | undefined

export function createSeen(parts: {
  readonly traffic: Pick<DeviceTraffic, 'reported'>
  readonly sessions: Pick<SessionTable, 'byClientId'>
  readonly locale: Locale
}): Seen {
  const { traffic, sessions, locale } = parts
  return message => {
    const parsed = parseTopic(message.topic)
    if (parsed?.kind !== 'state') return message
    const { payload } = message
    const { deviceId } = parsed
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    const { forReaders, denied, values } = traffic.reported(deviceId, bytes)
    if (message.publisher !== undefined) sessions.byClientId(message.publisher)?.stream.tookWork(values)
    const device = denied.length > 0 ? sessions.byClientId(deviceId) : undefined
    if (device?.principal.kind === 'device')
      for (const { property, code, reason } of denied)
        notify(device, 'denied', {
          topic: topics.state(deviceId),
          ...(property !== undefined && { property }),
          code,
          msg: messageOf(code, locale, reason),
        })
    return forReaders && { ...message, payload: forReaders }
  }
}

/** Whether a topic retains a device's whole state, which the registry folds: no message is retained there as it is. */
export const isState = (topic: string): boolean => parseTopic(topic)?.kind === 'state'
