import type { ShareCard, Theme } from '../runtime/phone.ts'

// The page around the phone: it loads app.html for a WeChat user, and its panel does what a hand does to a phone.

function find<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id)
  if (found instanceof kind) return found
  throw new Error(`there is no ${id} in index.html`)
}

const screen = find('screen', HTMLIFrameElement)
const query = new URLSearchParams(location.search)
const user = query.get('user') || 'alice'
/** The text of a device's QR code, to be added: `latchkey start --demo` prints such a link. */
const add = query.get('add') ?? ''
const language = find('language', HTMLSelectElement)
const theme = find('theme', HTMLSelectElement)
const background = find('background', HTMLButtonElement)
const network = find('network', HTMLButtonElement)
const prefersDark = matchMedia('(prefers-color-scheme: dark)')

language.value = query.get('language') ?? (navigator.language.startsWith('zh') ? 'zh_CN' : 'en')
theme.value = query.get('theme') ?? (prefersDark.matches ? 'dark' : 'light')
find('scan', HTMLInputElement).value = add
find('user-name', HTMLElement).textContent = user
document.title = `${user} · Latchkey`

const phone = () => screen.contentWindow?.phone

/** This page's address for another user, or another page of the mini-program. */
function addressOf(changes: Readonly<Record<string, string>>, page = ''): string {
  const next = new URLSearchParams({ user, language: language.value, theme: theme.value, ...changes })
  return `?${next}${page && `#${page}`}`
}

function start(): void {
  const settings = new URLSearchParams({ user, language: language.value, theme: theme.value, scan: add })
  // As if WeChat itself had scanned it.
  const scanned = add && `#pages/index/index?q=${encodeURIComponent(add)}`
  const page = location.hash || scanned
  // A new address with the same hash would not load again.
  screen.contentWindow?.location.replace(`app.html?${settings}&at=${Date.now()}${page}`)
  for (const button of [background, network]) button.setAttribute('aria-pressed', 'false')
  find('second', HTMLAnchorElement).href = addressOf({ user: user === 'bob' ? 'alice' : 'bob' })
}

/** A button that stays pressed. */
function toggles(button: HTMLButtonElement, act: (isOn: boolean) => void): void {
  button.addEventListener('click', () => {
    const isOn = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', String(isOn))
    act(isOn)
  })
}

/** The text of a field when its form is sent. */
function onSubmit(id: string, field: string, act: (text: string) => void): void {
  const form = find(id, HTMLFormElement)
  form.addEventListener('submit', event => {
    event.preventDefault()
    const text = new FormData(form).get(field)
    if (typeof text === 'string') act(text.trim())
  })
}

let shared = ''
window.addEventListener('message', ({ source, data }) => {
  if (source !== screen.contentWindow || data?.kind !== 'latchkey-share') return
  const { title, path }: ShareCard = data.card
  shared = path
  find('card-title', HTMLElement).textContent = title
  find('card-form', HTMLFormElement).hidden = false
})

onSubmit('user-form', 'user', next => location.assign(addressOf({ user: next })))
onSubmit('scan-form', 'scan', text => phone()?.scanResult(text === '' ? null : text))
onSubmit('card-form', 'user', next => void window.open(addressOf({ user: next }, shared), '_blank'))
toggles(background, isOn => (isOn ? phone()?.background() : phone()?.foreground()))
toggles(network, isOn => phone()?.setNetwork(!isOn))
find('drop', HTMLButtonElement).addEventListener('click', () => phone()?.dropSilently())
find('pull', HTMLButtonElement).addEventListener('click', () => phone()?.pullDown())
find('consent', HTMLButtonElement).addEventListener('click', () => phone()?.forgetConsent())
find('restart', HTMLButtonElement).addEventListener('click', start)
language.addEventListener('change', start)
theme.addEventListener('change', () => phone()?.setTheme(theme.value === 'dark' ? 'dark' : ('light' satisfies Theme)))
start()
