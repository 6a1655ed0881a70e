import type { DataOf } from '../../src/protocol/operations.ts'
import { createFormat } from '../parts/format.ts'
import { type Column, Listing } from '../parts/listing.tsx'
import { visibleText } from '../parts/visible-text.ts'
import { routeTo } from '../route.ts'
import { useConsole } from '../use-console.ts'
import { useAction } from './use-action.tsx'

type UserRow = DataOf<'ops/users'>['users'][number]

/** People's accounts. */
export function Users() {
  const { link, route, texts, language } = useConsole()
  const { button, dialog, times } = useAction()
  const words = texts.users
  const format = createFormat(language)
  const columns: readonly Column<UserRow, never>[] = [
    { title: words.username, draw: ({ username }) => visibleText(username) },
    { title: words.role, draw: ({ role }) => <span class={`kind ${role}`}>{texts.kinds[role]}</span> },
    { title: words.createdAt, draw: ({ createdAt }) => format.moment(createdAt) },
    {
      title: words.state,
      draw: ({ disabled }) => (disabled ? <span class="mark bad">{words.disabled}</span> : words.enabled),
    },
  ]
  return (
    <>
      <Listing<UserRow>
        label={texts.pages.users}
        columns={columns}
        keyOf={({ id }) => id}
        search={route.value.query.get('search') ?? ''}
        depends={String(times)}
        fetch={async asked => {
          const answer = await link.ask('ops/users', asked)
          return answer.ok ? { ok: true, data: { total: answer.data.total, rows: answer.data.users } } : answer
        }}
        actions={({ username, disabled }) => (
          <>
            <a class="button quiet" href={routeTo('audit', { who: username })}>
              {words.audit}
            </a>
            <a class="button quiet" href={routeTo('trace', { kind: 'user', id: username })}>
              {words.trace}
            </a>
            {button(words.signOut, () => link.ask('ops/user/signout', { username }), {
              question: words.signOutAsk(visibleText(username)),
            })}
            {disabled
              ? button(words.enable, () => link.ask('ops/user/enable', { username }))
              : button(words.disable, () => link.ask('ops/user/disable', { username }), {
                  question: words.disableAsk(visibleText(username)),
                  isDanger: true,
                })}
          </>
        )}
      />
      {dialog}
    </>
  )
}
