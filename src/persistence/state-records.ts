import type { KeptState } from '../domain/mqtt-state/state-store.ts'
import { parseTopic, topics } from '../protocol/topics.ts'
import type { Database } from '../sqlite/sqlite.ts'
import type { createRetainedMessages } from './retained-messages.ts'

/** A device's state is its retained message; only the tenure under which it was reported is stored separately. */
export function createStateRecords(
  sqlite: Database,
  retained: Pick<ReturnType<typeof createRetainedMessages>, 'on' | 'store'>,
) {
  const put = sqlite.prepare<[string, string]>(
    `insert into state_tenures values (?, ?) on conflict do update set tenure = excluded.tenure
     where tenure <> excluded.tenure`,
  )
  const remove = sqlite.prepare<[string]>('delete from state_tenures where device = ?')
  const tenureOf = sqlite.prepare<[string], string>('select tenure from state_tenures where device = ?').pluck()
  const known = sqlite.prepare<[], string>('select device from state_tenures').pluck()
  const retainedTopics = sqlite
    .prepare<[], string>("select topic from retained where topic > 'devices/' and topic < 'devices0'")
    .pluck()

  const devicesOfRetained = (): string[] =>
    retainedTopics.all().flatMap(topic => {
      const parsed = parseTopic(topic)
      return parsed?.kind === 'state' ? [parsed.deviceId] : []
    })

  function of(deviceId: string): KeptState {
    const tenure = tenureOf.get(deviceId)
    const state = retained.on(topics.state(deviceId))?.payload.toString() ?? ''
    return { state, ...(tenure !== undefined && { tenure }) }
  }

  return {
    /** Of every device with a tenure or a state. */
    all(): ReadonlyMap<string, KeptState> {
      const devices = new Set([...known.all(), ...devicesOfRetained()])
      return new Map([...devices].map(deviceId => [deviceId, of(deviceId)]))
    },
    put(deviceId: string, tenure: string, state: string): void {
      retained.store({ topic: topics.state(deviceId), payload: Buffer.from(state), qos: 1, retain: true })
      if (state === '') remove.run(deviceId)
      else put.run(deviceId, tenure)
    },
  }
}
