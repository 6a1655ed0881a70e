import { topics } from '../../../src/protocol/topics.ts'
import { type Link, type LinkOptions, openLink } from './link.ts'
import type { Platform } from './platform.ts'

/** The one connection that there is at a time. */
export interface Line {
  /** The open connection. */
  readonly current: Link | undefined
  /** Gives up the connection that there was, and opens another, by token or as a guest. Told of its replies and notifications. */
  open(token?: string): Promise<LineOpened>
  drop(): void
  /** Gives it up, and the client id with it: somebody else has that. */
  anew(): void
  /** Ends it politely. */
  close(): void
}

/** `refused` is CONNACK's return code; without it nobody answered. */
export type LineOpened =
  | { readonly link: Link; readonly refused?: never }
  | { readonly link?: never; readonly refused?: number }

interface Options extends Pick<LinkOptions, 'connect' | 'textOf' | 'url' | 'heard' | 'lost'> {
  readonly platform: Pick<Platform, 'openSocket' | 'random'>
}

const identifierRejected = 2
const identifiers = 3

/** The client id stays the same from one connection to the next, unless the broker says that somebody uses it. */
export function createLine({ platform, ...options }: Options): Line {
  const newClientId = () => `mp_${platform.random(16)}`
  let clientId = newClientId()
  let link: Link | undefined

  async function open(token?: string): Promise<LineOpened> {
    for (let tries = 1; ; tries++) {
      link?.drop()
      const mine = openLink({
        ...options,
        openSocket: platform.openSocket,
        clientId,
        ...(token === undefined ? {} : { token }),
      })
      link = mine
      const opened = await mine.opened
      if (opened === 'unreachable' || link !== mine) return {}
      if (opened === 'open') {
        // What is asked behind it is asked in the same round trip: the broker does things in order.
        mine.subscribe([topics.replies(clientId), topics.notifications(clientId)]).catch(() => {}) // it has ended: who asks is told
        return { link: mine }
      }
      // The broker may not know yet that the last connection died: it was another account's.
      if (opened.refused !== identifierRejected || tries === identifiers) return { refused: opened.refused }
      clientId = newClientId()
    }
  }

  return {
    get current() {
      return link?.isOpen ? link : undefined
    },
    open,
    drop: () => link?.drop(),
    anew() {
      link?.drop()
      clientId = newClientId()
    },
    close: () => link?.close(),
  }
}
