import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import './console.css'
import { brokerUrl } from './connection/broker-url.ts'
import { createLink } from './connection/create-link.ts'
import { watchRoute } from './route.ts'
import { Shell } from './shell.tsx'
import { createPreferences } from './texts/preferences.ts'
import { type Console, ConsoleContext } from './use-console.ts'

const page: Console = {
  link: createLink(brokerUrl(location.href)),
  preferences: createPreferences(navigator.languages, document.documentElement),
  route: watchRoute(window),
  notice: signal(undefined),
}

effect(() => {
  const { title, pages } = page.preferences.texts.value
  document.title = page.link.status.value === 'signed-out' ? title : `${pages[page.route.value.page]} · Latchkey`
  page.notice.value = undefined
})

const place = document.getElementById('console')
if (!place) throw new Error('index.html has no place for the console')
render(
  <ConsoleContext.Provider value={page}>
    <Shell />
  </ConsoleContext.Provider>,
  place,
)
