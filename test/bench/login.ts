import { passwordDigest } from '../../src/accounts/password-digest.ts'
import { connectGuest, wechatCode } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { median } from './median.ts'

/** From guest to user and back over one open connection, by WeChat code, so without argon2id. */
export async function benchLogin(count: number): Promise<void> {
  await using running = await startApp({
    env: { LATCHKEY_LOG_LEVEL: 'info' },
    configure: config => ({
      ...config,
      signIn: { ...config.signIn, wechat: { points: 1_000_000, durationSeconds: 60 } },
    }),
  })
  const client = await connectGuest(running.wsUrl)
  await client.request('auth/register', {
    username: 'bench',
    password: passwordDigest('bench'),
    code: wechatCode('bench'),
  })
  await client.request('auth/logout')
  const timesMs: number[] = []
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now()
    const { code } = await client.request('auth/login', { code: wechatCode('bench') })
    timesMs.push(performance.now() - startedAt)
    if (code !== 0) throw new Error(`login answered ${code}`)
    await client.request('auth/logout')
    client.received.length = 0
  }
  await client[Symbol.asyncDispose]()
  console.log(
    `login: median ${median(timesMs).toFixed(2)} ms from guest to user over an open WebSocket (bar 5 ms; ${count} logins)`,
  )
}
