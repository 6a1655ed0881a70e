import { generate } from 'mqtt-packet'
import { topics } from '../../src/protocol/topics.ts'
import { connectRaw, type RawClient } from '../support/raw-client.ts'

/**
 * Many devices, each on a connection of its own, reporting a new temperature, humidity and battery once a second, spread evenly over it. A process of its own:
 * what it costs is not what is measured. Told over IPC which broker to load; says when it is done.
 */
interface Load {
  readonly port: number
  readonly devices: readonly { readonly id: string; readonly secret: string }[]
}

const everyMs = 10
const loads = new Map<number, RawClient[]>()
const ids = new Map<RawClient, string>()
let loaded: RawClient[] = []
let next = 0

process.on('message', (message: { connect?: Load; report?: number }) => void told(message))

async function told({ connect, report }: { connect?: Load; report?: number }): Promise<void> {
  if (connect) loads.set(connect.port, await connectAll(connect))
  else loaded = loads.get(report ?? 0) ?? []
  process.send?.('done')
}

async function connectAll({ port, devices }: Load): Promise<RawClient[]> {
  const clients: RawClient[] = []
  for (const { id, secret } of devices) {
    const client = await connectRaw('tcp', port, { clientId: id, username: id, password: secret })
    ids.set(client, id)
    clients.push(client)
  }
  return clients
}

/** How many reports were due since the last turn: a late timer makes up for it. */
let lastAt = performance.now()
let due = 0
setInterval(() => {
  const now = performance.now()
  due = Math.min(due + ((now - lastAt) * loaded.length) / 1000, loaded.length)
  lastAt = now
  for (; due >= 1; due--) {
    next = (next + 1) % loaded.length
    const client = loaded[next]
    if (client) client.send(reportOf(ids.get(client) ?? ''))
  }
}, everyMs)

const reportOf = (id: string): Buffer =>
  generate({
    cmd: 'publish',
    topic: topics.state(id),
    payload: JSON.stringify({
      temperature: Math.round(Math.random() * 500) / 10,
      humidity: Math.round(Math.random() * 1000) / 10,
      battery: Math.round(Math.random() * 100),
    }),
    qos: 0,
    dup: false,
    retain: false,
  })
