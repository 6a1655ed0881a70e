import { useEffect, useState } from 'preact/hooks'
import type { DataOf } from '../../src/protocol/operations.ts'
import { TextField } from '../parts/field.tsx'
import { createFormat } from '../parts/format.ts'
import { visibleText } from '../parts/visible-text.ts'
import { useConsole } from '../use-console.ts'
import type { useAction } from './use-action.tsx'

/** An hour, as the question says. */
export const blockMinutes = 60

/** Addresses that are blocked now, and a field for another: somebody who was thrown out has no session left to block. */
export function BlockedAddresses({ button, times }: Pick<ReturnType<typeof useAction>, 'button' | 'times'>) {
  const { link, texts, language } = useConsole()
  const [blocked, setBlocked] = useState<DataOf<'ops/addresses'>['blocked']>([])
  const [typed, setTyped] = useState('')
  const address = bare(typed)
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

  return (
    <section class="card blocked" aria-label={words.blocked}>
      <h2>{words.blocked}</h2>
      <div class="another">
        <TextField
          label={words.address}
          value={typed}
          onInput={setTyped}
          placeholder="203.0.113.7, 203.0.113.0/24, 2001:db8::/48"
        />
        {address !== '' &&
          button(words.block, () => link.ask('ops/address/block', { address, minutes: blockMinutes }), {
            question: (address.includes('/') ? words.blockNetworkAsk : words.blockAsk)(visibleText(address)),
            isDanger: true,
            onDone: () => setTyped(''),
          })}
      </div>
      <ul>
        {blocked.map(({ network, until, refused }) => (
          <li key={network}>
            <code>{network}</code>
            <span class="muted">{words.blockedNote(format.moment(until), format.whole(refused))}</span>
            {button(words.unblock, () => link.ask('ops/address/unblock', { address: network }))}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** An address as it stands in a URL or a log, without the brackets. */
const bare = (typed: string): string => typed.trim().replace(/^\[(.*)\]$/, '$1')
