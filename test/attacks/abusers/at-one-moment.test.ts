import { expect, test } from 'vitest'
import { startCanary } from '../../support/abuse/canary.ts'
import type { createHttpAbuses } from '../../support/abuse/http-abuses.ts'
import { connectPacket } from '../../support/packets.ts'
import { startElsewhere } from '../../support/processes/elsewhere.ts'
import { startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

test.each(['as guests', 'with forged tokens'])(
  'of 900 who have connected and say CONNECT at one moment, %s, nobody notices anything',
  async how => {
    await using running = await startApp({
      limits: { connectionsPerSecond: 10_000, connectTimeoutMs: 60_000 },
      env: { LATCHKEY_LOG_LEVEL: 'warn' },
    })
    const forged = `${(await serviceToken(running, 'fleet')).slice(0, -8)}AAAAAAAA` // well-formed, under a key of ours
    const request = connectPacket('', true, how === 'as guests' ? null : forged).toString('latin1')
    await using abuser = await startElsewhere<ReturnType<typeof createHttpAbuses>>(
      new URL('../../support/abuse/http-abuses.ts', import.meta.url),
      'createHttpAbuses',
    )
    await using canary = await startCanary(running)
    const gather = async (n: number) => {
      for (let part = 0; part < 9; part++)
        await abuser.call('gather', running.app.ports.mqtt, `127.0.1.${n * 9 + part + 1}`, 100)
    }
    await gather(0)
    let n = 0
    await canary.stayHealthyWhile(async () => {
      await abuser.call('askAtOnce', request)
      await gather(++n)
    })
    expect(n).toBeGreaterThan(1)
  },
)
