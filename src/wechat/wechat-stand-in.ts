import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../domain/request.ts'
import { createSpentCodes } from './spent-codes.ts'

/** What the stand-in is told to do instead of answering: an errcode, an HTML error page with HTTP 500, silence, a dropped connection, or any response. */
export type StandInAnswer =
  | number
  | 'html'
  | 'hang'
  | 'drop'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }

export interface WechatStandIn {
  readonly base: string
  readonly appid: string
  readonly secret: string
  /** The number of requests so far. */
  readonly requests: number
  /** Queues answers for the next requests, one each. */
  answerNext(...answers: StandInAnswer[]): void
  close(): Promise<void>
}

export interface StandInOptions {
  /** Any free port by default. */
  readonly port?: number
  readonly host?: '127.0.0.1'
  readonly now: Clock
}

/**
 * Stands in for WeChat's `GET /sns/jscode2session` on loopback. The code `sandbox:NAME:NONCE` is the WeChat user NAME, once in five minutes. Errors
 * are WeChat's own. A NAME keeps its openid over restarts.
 */
export async function startWechatStandIn({
  port = 0,
  host = '127.0.0.1',
  now,
}: StandInOptions): Promise<WechatStandIn> {
  const appid = `wx${randomBytes(8).toString('hex')}`
  const secret = randomBytes(16).toString('hex')
  const spentCodes = createSpentCodes({ now })
  const planned: StandInAnswer[] = []
  let requests = 0

  const errcodeOf = (query: URLSearchParams): number => {
    const code = query.get('js_code')
    if (!query.get('appid')) return 41002
    if (query.get('appid') !== appid) return 40013
    if (!query.get('secret')) return 41004
    if (query.get('secret') !== secret) return 40125
    if (query.get('grant_type') !== 'authorization_code') return 40002
    if (!code) return 41008
    if (!codePattern.test(code)) return 40029
    return spentCodes.spend(code) ? 0 : 40163
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
    if (request.method !== 'GET' || pathname !== '/sns/jscode2session') return void response.writeHead(404).end()
    requests++
    const plan = planned.shift()
    if (plan !== undefined) return carryOut(plan, response)
    const errcode = errcodeOf(searchParams)
    if (errcode !== 0) return sendError(response, errcode)
    sendSession(response, codePattern.exec(searchParams.get('js_code') ?? '')?.[1] ?? '')
  })
  await once(server.listen(port, host), 'listening')

  return {
    base: `http://${host}:${portOf(server.address())}`,
    appid,
    secret,
    get requests() {
      return requests
    },
    answerNext: (...answers) => void planned.push(...answers),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const codePattern = /^sandbox:([^:]+):(.+)$/

function carryOut(plan: StandInAnswer, response: ServerResponse): void {
  if (plan === 'hang') return
  if (plan === 'drop') response.destroy()
  else if (plan === 'html') response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Internal error</h1>')
  else if (typeof plan === 'number') sendError(response, plan)
  else response.writeHead(plan.status, plan.headers).end(plan.body)
}

const sendError = (response: ServerResponse, errcode: number): void =>
  send(response, { errcode, errmsg: `refused, rid: ${randomBytes(8).toString('hex')}` })

/** The openid of a WeChat user of the stand-in: 28 characters that begin with `o`, like real ones. */
export const standInOpenid = (name: string): string =>
  `o${createHash('sha256').update(`openid of ${name}`).digest('base64url').slice(0, 27)}`

const sendSession = (response: ServerResponse, name: string): void =>
  send(response, {
    session_key: randomBytes(16).toString('base64'),
    openid: standInOpenid(name),
  })

const send = (response: ServerResponse, body: object): void =>
  void response.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(body))

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the stand-in does not listen on a port')
  return address.port
}
