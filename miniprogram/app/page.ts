import type { Arrangement } from './services/arrangement.ts'
import type { Devices } from './services/devices.ts'
import type { Language } from './services/language.ts'
import type { Session } from './services/session.ts'
import type { Texts } from './texts/en.ts'
import { textsIn } from './texts/texts-in.ts'

/** What every page works with; made once, by app.ts. */
export interface LatchkeyApp {
  readonly session: Session
  readonly devices: Devices
  readonly language: Language
  readonly arrangement: Arrangement
  /** True while a page is being opened over another. */
  isOpening: boolean
}

/** The one app. */
export const latchkey = (): LatchkeyApp => getApp<LatchkeyApp>()

/** The texts in the current language. */
export const texts = (): Texts => textsIn(latchkey().language.locale)

/** Something that announces its changes. */
export interface Source {
  onChange(listener: () => void): () => void
}

/** Draws now and after every change of a source, until the returned function is called. */
export function watch(draw: () => void, ...sources: readonly Source[]): () => void {
  const ends = sources.map(source => source.onChange(draw))
  draw()
  return () => {
    for (const end of ends) end()
  }
}

/** Whether a page is still open. An answer may come after the person has left the page; then they must not be taken anywhere. */
export const isOpen = (page: object): boolean => getCurrentPages().some(open => open === page)

/** Shows a short message over the page; nothing when it is empty. */
export function say(title: string): void {
  if (title) wx.showToast({ title, icon: 'none', duration: 2500 })
}

/** Says why something was not done: on its page, or over the page in front when the person has left it. */
export function problemOn(page: { setData(data: object): void }, problem: string): void {
  if (isOpen(page)) page.setData({ isBusy: false, problem })
  else say(problem)
}

/** Names the tabs; WeChat takes it only while a page with tabs is in front. */
export function nameTabs(): void {
  const { home, me } = texts()
  wx.setTabBarItem({ index: 0, text: home.tab })
  wx.setTabBarItem({ index: 1, text: me.tab })
}

/** Opens a page over `page`. Does nothing when another is open over it or is being opened, as after the second of two quick taps. */
export function openOver(page: object, url: string): void {
  const app = latchkey()
  if (app.isOpening || getCurrentPages().slice(-1)[0] !== page) return
  app.isOpening = true
  const complete = () => {
    app.isOpening = false
  }
  wx.navigateTo({ url, complete })
}

/** `--danger` of each theme: dialogs are WeChat's own, and know no tokens. */
const dangerColors = { light: '#c22f2f', dark: '#ff8a85' }

/** Asks before something that cannot be undone. `verb` says what will be done, in at most four characters of Chinese or eight letters: WeChat takes no more. */
export async function confirmed(title: string, content: string, verb: string): Promise<boolean> {
  const { cancel } = texts().common
  const { confirm } = await wx.showModal({
    title,
    content,
    confirmText: verb,
    confirmColor: dangerColors[wx.getAppBaseInfo().theme ?? 'light'],
    cancelText: cancel,
  })
  return confirm
}

/** The path of the index page, which signs in and then goes on to `next`: a page with its query, without the leading slash. */
export const indexThen = (next: string): string => `/pages/index/index?next=${encodeURIComponent(next)}`

/** A value of a page's query, decoded; empty when it is missing or cannot be decoded: links come from anywhere. */
export function queryText(value: string | undefined): string {
  try {
    return decodeURIComponent(value ?? '')
  } catch {
    return ''
  }
}

/** The invitation to which a path of this package leads, and its sender's name for the device; undefined for any other path. */
export function invitationIn(path: string): { readonly invitation: string; readonly name: string } | undefined {
  const [, invitation, name] = /^pages\/accept\/accept\?invitation=([^&]+)(?:&name=(.*))?$/.exec(path) ?? []
  return invitation === undefined ? undefined : { invitation: queryText(invitation), name: queryText(name) }
}

/** Copies a text to the clipboard. WeChat itself says so, and asks first if the person has not agreed to the privacy terms yet. */
export async function copy(text: string): Promise<void> {
  const failed = ({ errMsg }: { errMsg?: string }) => {
    const { notAgreed, notCopied } = texts().common
    say(/privacy/.test(errMsg ?? '') ? notAgreed : notCopied)
  }
  await wx.setClipboardData({ data: text }).catch(failed)
}

/** Goes home, and from there to `next`, so that the way back leads home. */
export function goHome(next?: string): void {
  const onwards = next ? { success: () => void wx.navigateTo({ url: `/${next}` }) } : {}
  wx.switchTab({ url: '/pages/home/home', ...onwards })
}
