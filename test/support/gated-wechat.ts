import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGate } from './gate.ts'

/**
 * WeChat's service as the tests need it: a code's second part is the user (`quick:alice`), `nobody` is refused, and a code that begins
 * with `slow` is answered when `answer` is called; `asked` resolves when the first such came in.
 */
export async function startGatedWechat() {
  const answer = createGate()
  const asked = createGate()
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const code = new URL(request.url ?? '/', 'http://x').searchParams.get('js_code') ?? ''
    if (code.startsWith('slow')) {
      asked.open()
      await answer.opened
    }
    const name = code.split(':')[1]
    response.end(
      JSON.stringify(name === 'nobody' ? { errcode: 40029 } : { openid: `openid-${name}`, session_key: 'x' }),
    )
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: {
      WECHAT_APPID: 'wx0123456789abcdef',
      WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
      WECHAT_API_BASE: base,
    },
    answer: answer.open,
    asked: asked.opened,
    async [Symbol.asyncDispose]() {
      answer.open()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
