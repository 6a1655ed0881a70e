import { useState } from 'preact/hooks'
import type { DataOf } from '../../src/protocol/operations.ts'
import { createFormat } from '../parts/format.ts'
import { type Column, Listing } from '../parts/listing.tsx'
import { visibleText } from '../parts/visible-text.ts'
import { routeTo } from '../route.ts'
import { useConsole } from '../use-console.ts'
import { AddDevice } from './add-device.tsx'
import { DeviceCredentials } from './device-credentials.tsx'
import { useAction } from './use-action.tsx'

type DeviceRow = DataOf<'ops/devices'>['devices'][number]

/** Registered devices. */
export function Devices() {
  const { link, route, texts, language } = useConsole()
  const { button, run, dialog, times } = useAction()
  const [isAdding, setAdding] = useState(false)
  const [credentials, setCredentials] = useState<DataOf<'ops/device/reset'>>()
  const words = texts.devices
  const format = createFormat(language)
  const presence = ({ online, since }: DeviceRow) =>
    online ? (
      <span class="mark good">{words.online}</span>
    ) : (
      `${words.offline} · ${since ? format.moment(since) : texts.common.never}`
    )
  const columns: readonly Column<DeviceRow, never>[] = [
    { title: words.id, draw: ({ id }) => visibleText(id) },
    { title: words.name, draw: ({ name }) => visibleText(name) },
    { title: words.type, draw: ({ type }) => visibleText(type) },
    { title: words.owner, draw: ({ owner }) => (owner === null ? '–' : visibleText(owner)) },
    { title: words.presence, draw: presence },
    { title: words.state, draw: ({ disabled }) => disabled && <span class="mark bad">{texts.users.disabled}</span> },
  ]
  return (
    <>
      <Listing<DeviceRow>
        label={texts.pages.devices}
        columns={columns}
        keyOf={({ id }) => id}
        search={route.value.query.get('search') ?? ''}
        depends={String(times)}
        fetch={async asked => {
          const answer = await link.ask('ops/devices', asked)
          return answer.ok ? { ok: true, data: { total: answer.data.total, rows: answer.data.devices } } : answer
        }}
        filters={
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            {words.add}
          </button>
        }
        actions={({ id, disabled }) => (
          <>
            <a class="button quiet" href={routeTo('trace', { kind: 'device', id })}>
              {words.trace}
            </a>
            {button(words.reset, () => link.ask('ops/device/reset', { deviceId: id }), {
              question: words.resetAsk(id),
              onDone: setCredentials,
            })}
            {disabled
              ? button(words.enable, () => link.ask('ops/device/enable', { deviceId: id }))
              : button(words.disable, () => link.ask('ops/device/disable', { deviceId: id }), {
                  question: words.disableAsk(id),
                  isDanger: true,
                })}
          </>
        )}
      />
      {dialog}
      {isAdding && (
        <AddDevice
          onClose={() => setAdding(false)}
          onAdd={async body => {
            await run(words.add, link.ask('ops/device/add', body), added => {
              setAdding(false)
              setCredentials(added)
            })
          }}
        />
      )}
      {credentials && <DeviceCredentials {...credentials} onClose={() => setCredentials(undefined)} />}
    </>
  )
}
