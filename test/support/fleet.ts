import { connectRaw, exchange, type RawClient } from './raw-client.ts'

/** Many clients. Plain data, so that another process can be told. */
export interface FleetOptions {
  /** The token of everybody, or one each. */
  readonly tokens: string | readonly string[]
  /** Client ids are `{prefix}-{n}`; `fleet` when not given. */
  readonly prefix?: string
  /** The first n; 0 when not given. */
  readonly first?: number
  /** Without a stored session; true when not given. */
  readonly clean?: boolean
  /** What each subscribes; `{id}` stands for its client id. */
  readonly filters?: readonly string[]
  readonly qos?: 0 | 1 | 2
  /** Addresses to connect from, in turns; 127.0.0.1 when not given, which `limits.uncountedAddresses` does not count. */
  readonly from?: readonly string[]
  /** Whom a PROXY header names, in turns; there is none when not given. */
  readonly sources?: readonly string[]
}

export interface Fleet extends Disposable {
  readonly clients: readonly RawClient[]
  /** How many the broker has not closed. */
  open(): number
  /** All say DISCONNECT; resolves when the broker has closed every one, so that what is stored of them is away. */
  leave(): Promise<void>
}

const atOnce = 50
const disconnect = Buffer.of(0xe0, 0)

/** Connects `count` clients to a TCP port and has them subscribe: about 2000 a second. They read everything and answer nothing. */
export async function connectFleet(port: number, count: number, options: FleetOptions): Promise<Fleet> {
  const clients: RawClient[] = []
  const closed = new Set<RawClient>()
  await inBatches(count, options.first, async n => {
    const client = await connectOne(port, n, options)
    clients.push(client)
    void client.closed.then(() => closed.add(client))
  })
  return {
    clients,
    open: () => clients.length - closed.size,
    async leave() {
      await Promise.all(clients.map(leaveOne))
    },
    [Symbol.dispose]() {
      for (const client of clients) client.close()
    },
  }
}

/** Has `count` clients come, subscribe, and leave their stored sessions behind; never more than fifty are open. */
export async function storeFleet(port: number, count: number, options: FleetOptions): Promise<void> {
  await inBatches(count, options.first, async n => leaveOne(await connectOne(port, n, { ...options, clean: false })))
}

async function inBatches(count: number, first = 0, act: (n: number) => Promise<void>): Promise<void> {
  let next = first
  const lane = async () => {
    while (next < first + count) await act(next++)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
}

async function connectOne(port: number, n: number, options: FleetOptions): Promise<RawClient> {
  const { tokens, prefix = 'fleet', clean = true, filters = [], qos = 0, from = [], sources = [] } = options
  const password = typeof tokens === 'string' ? tokens : (tokens[n % tokens.length] ?? '')
  const clientId = `${prefix}-${n}`
  const credentials = { clientId, username: 'jwt', password, clean, keepalive: 0 } // stays without a word
  const client = await connectRaw('tcp', port, credentials, from[n % from.length], sources[n % sources.length])
  if (filters.length > 0) {
    const subscriptions = filters.map(filter => ({ topic: filter.replaceAll('{id}', clientId), qos }))
    const suback = await exchange(client, { cmd: 'subscribe', messageId: 1, subscriptions })
    if (suback.cmd !== 'suback' || suback.granted.some(code => Number(code) === 128))
      throw new Error(`${clientId} was refused: ${JSON.stringify(suback)}`)
  }
  client.onBytes(() => {}) // reads on
  return client
}

async function leaveOne(client: RawClient): Promise<void> {
  client.send(disconnect)
  await client.closed
}
