export type Theme = 'light' | 'dark'

/** What a shared card holds. `path` is a page with its query, without a leading slash. */
export interface ShareCard {
  readonly title: string
  readonly path: string
  readonly imageUrl?: string
}

/** The present state of the phone. One object for each tab, which all parts of the phone read. */
export interface PhoneState {
  readonly user: string
  /** As WeChat names it: `zh_CN`, `en`. */
  language: string
  theme: Theme
  isConnected: boolean
  isBackground: boolean
  /** What the next scan reads; null cancels it, undefined asks the person. */
  scan: string | null | undefined
  clipboard: string
}

/** `window.phone` of app.html: what a hand does to a phone and a mini-program cannot, for tests and the panel beside it. */
export interface PhoneControls {
  /** The person switches to another app. Sockets are cut 5 s later with "interrupted", as WeChat does. */
  background(): void
  /** The person comes back. `awayMs` pretends that this much time has passed: `Date.now()` moves on. */
  foreground(awayMs?: number): void
  /** Every open socket dies and nobody is told, as iOS does in the background. */
  dropSilently(): void
  /** Off: sockets are cut, and no new one opens. */
  setNetwork(isConnected: boolean): void
  /** What the next scan reads; null cancels it. */
  scanResult(text: string | null): void
  /** Forgets that the person agreed to the privacy terms: they are asked again. */
  forgetConsent(): void
  /** The person pulls the page down. */
  pullDown(): void
  /** Shares by the menu in the corner: the card, or undefined when the page cannot be shared. */
  share(): Promise<ShareCard | undefined>
  /** The card shared last, by the menu or by a button. */
  readonly lastShare: ShareCard | undefined
  setTheme(theme: Theme): void
  /** The arguments of every call of `wx`, by name, in order. */
  readonly calls: Readonly<Record<string, readonly unknown[]>>
  /** Answers `wx.NAME` with this function from now on: its result is the success, what it throws the failure. */
  mock(name: string, answer: (options: unknown) => unknown): void
  /** The path of the page in front. */
  route(): string
  /** The paths of all open pages, the one in front last. */
  stack(): string[]
  /** What the mini-program gave to `App`. */
  app<Shape extends object>(): Shape
  /** A copy of the data of the page in front. */
  data(): unknown
  /** How many characters of JSON the pages gave to `setData` until now. */
  setDataSize(): number
  /** Sockets that are connecting or open. */
  openSockets(): number
}
