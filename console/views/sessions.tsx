import { useState } from 'preact/hooks'
import type { SessionRow, sessionOrders } from '../../src/protocol/operations/ops.ts'
import { Select } from '../parts/field.tsx'
import { createFormat } from '../parts/format.ts'
import { type Column, Listing } from '../parts/listing.tsx'
import { visibleText } from '../parts/visible-text.ts'
import { routeTo } from '../route.ts'
import { useConsole } from '../use-console.ts'
import { BlockedAddresses, blockMinutes } from './blocked-addresses.tsx'
import { useAction } from './use-action.tsx'

const kinds = ['guest', 'user', 'operator', 'device', 'service'] as const
type Order = (typeof sessionOrders)[number]

/** The open sessions. */
export function Sessions() {
  const { link, route, texts, language } = useConsole()
  const [kind, setKind] = useState<SessionRow['kind'] | 'all'>('all')
  const { button, dialog, times } = useAction()
  const words = texts.sessions
  const format = createFormat(language)
  const columns: readonly Column<SessionRow, Order>[] = [
    { title: words.clientId, order: 'clientId', draw: ({ clientId }) => visibleText(clientId) },
    { title: words.kind, order: 'kind', draw: row => <span class={`kind ${row.kind}`}>{texts.kinds[row.kind]}</span> },
    { title: words.name, order: 'name', draw: ({ name }) => visibleText(name) },
    { title: words.address, order: 'address', draw: ({ address }) => visibleText(address) },
    { title: words.transport, draw: ({ transport }) => transport },
    {
      title: words.openedAt,
      order: 'openedAt',
      isNumber: true,
      draw: row => format.duration(Date.now() - row.openedAt),
    },
    { title: words.filters, isNumber: true, draw: ({ filters }) => format.whole(filters) },
  ]
  return (
    <>
      <Listing<SessionRow, Order>
        label={texts.pages.sessions}
        columns={columns}
        keyOf={({ clientId }) => clientId}
        search={route.value.query.get('search') ?? ''}
        depends={`${kind} ${times}`}
        fetch={async asked => {
          const answer = await link.ask('ops/sessions', { ...asked, ...(kind !== 'all' && { kind }) })
          return answer.ok ? { ok: true, data: { total: answer.data.total, rows: answer.data.sessions } } : answer
        }}
        filters={
          <Select
            label={words.kind}
            value={kind}
            options={[['all', texts.common.all], ...kinds.map(each => [each, texts.kinds[each]] as const)]}
            onChange={setKind}
          />
        }
        actions={({ clientId, address }) => (
          <>
            <a class="button quiet" href={routeTo('trace', { kind: 'client', id: clientId })}>
              {words.trace}
            </a>
            {button(words.kick, () => link.ask('ops/kick', { clientId }), {
              question: words.kickAsk(visibleText(clientId)),
              isDanger: true,
            })}
            {button(words.block, () => link.ask('ops/address/block', { address, minutes: blockMinutes }), {
              question: words.blockAsk(visibleText(address)),
              isDanger: true,
            })}
          </>
        )}
      />
      <BlockedAddresses button={button} times={times} />
      {dialog}
    </>
  )
}
