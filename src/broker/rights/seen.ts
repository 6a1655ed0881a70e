import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { Message } from '../../domain/message.ts'
import { type Locale, messageOf } from '../../protocol/codes.ts'
import { parseTopic, topics } from '../../protocol/topics.ts'
import { notify } from '../sessions/notify.ts'
import type { SessionTable } from '../sessions/session-table.ts'

/**
 * A message as its readers get it; undefined when they get nothing. Calling this folds a device's report and tells the device what its type refuses. So
 * call it once for each message, in the turn in which the message is written: the state is kept with it.
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
          msg: messageOf(code, device.locale ?? locale, reason),
        })
    return forReaders && { ...message, payload: forReaders }
  }
}

/** Whether the topic is that of a device's state. The registry retains the whole state there, never a single report. */
export const isState = (topic: string): boolean => parseTopic(topic)?.kind === 'state'
