/** A socket as `mqtt.js` wants it: the part of the W3C WebSocket that its browser stream uses, and {@link SocketLike.drop}. */
export interface SocketLike {
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
  readonly url: string
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  onopen: ((event: object) => void) | null
  onmessage: ((event: { readonly data: ArrayBuffer | string }) => void) | null
  onerror: ((event: object) => void) | null
  onclose: ((event: { readonly code: number; readonly reason?: string }) => void) | null
  send(bytes: Uint8Array): void
  close(code?: number, reason?: string): void
  /** Gives the socket up at once and reports its close, whatever the platform still says about it. */
  drop(): void
}

/** What the services need of the phone they run in: WeChat, the preview, or a test. */
export interface Platform {
  /** A new login code of `wx.login`, which works once within five minutes. Rejects when WeChat gives none. */
  loginCode(): Promise<string>
  /** `heard` is told whenever something arrives on the socket, before the socket's own `onmessage` is. */
  openSocket(url: string, protocols: string[], heard: () => void): SocketLike
  readonly storage: Storage
  /** The language of the phone, as WeChat names it: `zh_CN`, `en`, … */
  language(): string
  /** Milliseconds since 1970. */
  now(): number
  /** A random text of `length` letters and digits. */
  random(length: number): string
}

/** Texts that outlive the process. */
export interface Storage {
  get(key: string): string | undefined
  set(key: string, text: string): void
  remove(key: string): void
}
