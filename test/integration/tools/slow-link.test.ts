import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { type SlowLink, startSlowLink } from '../../support/network/slow-link.ts'

/** A listener, and both ends of a connection to it through a slow link. */
async function connectThrough(rates: { bytesPerSecond: number; upBytesPerSecond?: number }) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const link = await startSlowLink(port, rates)
  const pair = await connectPair(server, link)
  return {
    server,
    link,
    ...pair,
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]()
      pair.near.destroy()
      pair.far.destroy()
      server.close()
    },
  }
}

async function connectPair(server: ReturnType<typeof createServer>, link: SlowLink) {
  const accepted = once(server, 'connection')
  const near = connect(link.port, '127.0.0.1')
  near.on('error', () => {})
  const far: Socket = (await accepted)[0]
  far.on('error', () => {})
  return { near, far }
}

/** Resolves with how many milliseconds it takes until `count` bytes have come. */
async function untilReceived(socket: Socket, count: number): Promise<number> {
  const startedAt = performance.now()
  let received = 0
  for await (const bytes of socket) {
    received += bytes.length
    if (received >= count) break
  }
  return performance.now() - startedAt
}

test.each(['down', 'up'] as const)(
  'a slow link passes no more than its bytes a second %s, and not much less',
  async direction => {
    await using through = await connectThrough({
      bytesPerSecond: direction === 'down' ? 100_000 : 10_000_000,
      upBytesPerSecond: direction === 'up' ? 100_000 : 10_000_000,
    })
    const [source, sink] = direction === 'down' ? [through.far, through.near] : [through.near, through.far]
    source.write(Buffer.alloc(100_000))
    const ms = await untilReceived(sink, 100_000)
    expect(ms).toBeGreaterThan(950)
    expect(ms).toBeLessThan(5000) // it is 1000; the machine is shared
  },
)

test('at most 120 kB of what is sent into a slow link are out of the sender’s sight', async () => {
  await using through = await connectThrough({ bytesPerSecond: 1000 })
  await through.link.stop('down')
  let taken = 0
  // Until nothing more is taken for a second.
  for (let idleSince = performance.now(); performance.now() - idleSince < 1000; ) {
    if (through.far.writableLength === 0) {
      taken += 1024
      idleSince = performance.now()
      through.far.write(Buffer.alloc(1024))
    }
    await new Promise(resolve => setTimeout(resolve, through.far.writableLength === 0 ? 0 : 5))
  }
  expect(taken).toBeLessThan(120_000)
  console.log(`slow link: ${taken} bytes are taken by all buffers together`)
})

test('a direction that is stopped passes nothing, the other goes on, and all comes when it is resumed', async () => {
  await using through = await connectThrough({ bytesPerSecond: 1_000_000 })
  await through.link.stop('down')
  let down = 0
  through.near.on('data', bytes => {
    down += bytes.length
  })
  through.far.write(Buffer.alloc(10_000))
  through.near.write('up')
  await once(through.far, 'data')
  expect(down).toBe(0)
  await through.link.resume('down')
  await expect.poll(() => down).toBe(10_000)
})

test('a cut closes both ends, and new connections lead where the link was turned to', async () => {
  await using through = await connectThrough({ bytesPerSecond: 1_000_000 })
  const closed = Promise.all([once(through.near, 'close'), once(through.far, 'close')])
  through.near.resume()
  through.far.resume()
  await through.link.cut()
  await closed
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  await through.link.retarget((other.address() as AddressInfo).port)
  const again = await connectPair(other, through.link)
  again.near.destroy()
  again.far.destroy()
  other.close()
})

test('an end of one side comes to the other after what was sent before', async () => {
  await using through = await connectThrough({ bytesPerSecond: 100_000 })
  through.near.resume()
  through.far.end(Buffer.alloc(20_000))
  await once(through.near, 'end')
  expect(through.near.bytesRead).toBe(20_000)
})

test('a slow link says how often it was not run, and passes on what it has afterwards', async () => {
  await using through = await connectThrough({ bytesPerSecond: 100_000 })
  const received = untilReceived(through.near, 50_000)
  through.far.write(Buffer.alloc(50_000))
  expect(await through.link.timesStoodStill(1)).toBe(0)
  await through.link.standStill(1.2)
  expect(await received).toBeGreaterThan(1200)
  expect(await through.link.timesStoodStill(1)).toBe(1)
})
