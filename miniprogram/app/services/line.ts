import { topics } from '../../../src/protocol/topics.ts'
import { type Link, type LinkOptions, openLink } from './link.ts'
import type { Platform } from './platform.ts'

/** The one connection of the mini-program. */
export interface Line {
  /** The open connection. */
  readonly current: Link | undefined
  /** Gives up the present connection, and opens another, by token or as a guest. */
  open(token?: string): Promise<LineOpened>
  drop(): void
  /** Gives it up together with its client id, which somebody else has. */
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
        // Later requests travel in the same round trip: the broker does things in order.
        mine.subscribe([topics.replies(clientId), topics.notifications(clientId)]).catch(() => {}) // it has ended: the caller of a request is told
        return { link: mine }
      }
      // The broker may not know yet that the last connection, which was another account's, is dead.
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
