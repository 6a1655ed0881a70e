import type { FunctionComponent } from 'preact'
import { Icon } from './parts/icon.tsx'
import { type Page, pages, routeTo } from './route.ts'
import { type Language, languages, type Theme, themes } from './texts/preferences.ts'
import { useConsole } from './use-console.ts'
import { Audit } from './views/audit.tsx'
import { Devices } from './views/devices.tsx'
import { Explain } from './views/explain.tsx'
import { Logs } from './views/logs.tsx'
import { Overview } from './views/overview.tsx'
import { Sessions } from './views/sessions.tsx'
import { SignIn } from './views/sign-in.tsx'
import { Trace } from './views/trace.tsx'
import { Users } from './views/users.tsx'

const views: Readonly<Record<Page, FunctionComponent>> = {
  overview: Overview,
  logs: Logs,
  sessions: Sessions,
  users: Users,
  devices: Devices,
  trace: Trace,
  audit: Audit,
  explain: Explain,
}

/** The page around the views: navigation, the signed-in operator, and what was done last. */
export function Shell() {
  const { link, route, notice, texts } = useConsole()
  if (link.status.value === 'signed-out')
    return (
      <>
        <SignIn />
        <div class="corner">
          <Choices />
        </div>
      </>
    )
  const { page, query } = route.value
  const View = views[page]
  return (
    <div class="shell">
      <a class="skip" href={`${routeTo(page)}`} onClick={focusContent}>
        {texts.skip}
      </a>
      <nav aria-label={texts.title}>
        <p class="brand">Latchkey</p>
        {pages.map(each => (
          <a key={each} href={routeTo(each)} aria-current={each === page ? 'page' : undefined}>
            <Icon page={each} />
            {texts.pages[each]}
          </a>
        ))}
      </nav>
      <header>
        <h1>{texts.pages[page]}</h1>
        <span class="grow" />
        <span class={`status ${link.status.value}`} role="status">
          {texts.status[link.status.value]}
        </span>
        <Choices />
        <bdi class="operator">{link.operator}</bdi>
        <button type="button" class="quiet" onClick={() => void link.signOut()}>
          {texts.signIn.signOut}
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        <p class={`notice ${notice.value?.isBad ? 'bad' : ''}`} role="status">
          {notice.value?.text}
        </p>
        <View key={`${page}?${query.toString()}`} />
      </main>
    </div>
  )
}

function focusContent(event: Event): void {
  event.preventDefault()
  document.getElementById('content')?.focus()
}

function Choices() {
  const { preferences, texts } = useConsole()
  return (
    <>
      <select
        aria-label={texts.language}
        value={preferences.language.value}
        onChange={event => {
          const chosen = Object.keys(languages).find(tag => tag === event.currentTarget.value)
          if (chosen) preferences.language.value = chosen as Language
        }}
      >
        {Object.entries(languages).map(([tag, { name }]) => (
          <option key={tag} value={tag}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={texts.theme.label}
        value={preferences.theme.value}
        onChange={event => {
          const chosen = themes.find((theme): theme is Theme => theme === event.currentTarget.value)
          if (chosen) preferences.theme.value = chosen
        }}
      >
        {themes.map(theme => (
          <option key={theme} value={theme}>
            {texts.theme[theme]}
          </option>
        ))}
      </select>
    </>
  )
}
