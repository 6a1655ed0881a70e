import { useEffect, useState } from 'preact/hooks'
import type { DataOf } from '../../src/protocol/operations.ts'
import { createFormat } from '../parts/format.ts'
import { useConsole } from '../use-console.ts'
import type { useAction } from './use-action.tsx'

/** Addresses that are kept out for now; nothing while there are none. */
export function BlockedAddresses({ button, times }: Pick<ReturnType<typeof useAction>, 'button' | 'times'>) {
  const { link, texts, language } = useConsole()
  const [blocked, setBlocked] = useState<DataOf<'ops/addresses'>['blocked']>([])
  const words = texts.sessions
  const format = createFormat(language)
  const isOnline = link.status.value === 'online'

  useEffect(() => {
    if (!isOnline) return
    let isOver = false
    void link.ask('ops/addresses', {}).then(answer => {
      if (!isOver && answer.ok) setBlocked(answer.data.blocked)
    })
    return () => {
      isOver = true
    }
  }, [isOnline, times])

  if (blocked.length === 0) return null
  return (
    <section class="card blocked" aria-label={words.blocked}>
      <h2>{words.blocked}</h2>
      <ul>
        {blocked.map(({ network, until, refused }) => (
          <li key={network}>
            <code>{network}</code>
            <span class="muted">{words.blockedNote(format.moment(until), format.whole(refused))}</span>
            {button(words.unblock, () => link.ask('ops/address/unblock', { address: addressIn(network) }))}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** An address of a network as the broker writes it: `203.0.113.7`, or `2001:db8:1:2::/64`. */
const addressIn = (network: string): string => network.replace(/\/\d+$/, '')
