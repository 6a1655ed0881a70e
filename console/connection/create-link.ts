import { type ReadonlySignal, signal } from '@preact/signals'
import mqtt, { type MqttClient } from 'mqtt'
import { hostIn } from '../../src/protocol/broker-url.ts'
import type { DataOf, OperationName, RequestBodyOf } from '../../src/protocol/operations.ts'
import { type Answer, createRequests, type RequestFailure, type Requests } from '../../src/protocol/requests.ts'
import { topics } from '../../src/protocol/topics.ts'
import { createFollowing } from './following.ts'

/** `unreachable`: no connection could be made. `not-operator`: the account is right, its role is not. */
export type SignInFailure = RequestFailure | { readonly code: 'unreachable' | 'not-operator' }

/** An operator's one MQTT connection. The token is only in this closure: closing the page forgets it. */
export interface Link {
  readonly status: ReadonlySignal<'signed-out' | 'online' | 'reconnecting'>
  /** The user name of the signed-in operator. */
  readonly operator: ReadonlySignal<string>
  /** True when the broker ended the sign-in, until the next one. */
  readonly wasEnded: ReadonlySignal<boolean>
  /** `digest` is the MD5 of the password, as clients send it. Undefined: signed in. */
  signIn(username: string, digest: string): Promise<SignInFailure | undefined>
  /** Ends the token too. */
  signOut(): Promise<void>
  /** Never rejects. */
  ask<N extends OperationName>(operation: N, body: RequestBodyOf<N>): Promise<Answer<DataOf<N>>>
  /** Calls back with every message that matches one of `filters`, over every reconnect. Returns a function that ends it. */
  follow(filters: readonly string[], take: (payload: string, topic: string) => void): () => void
}

/** `crypto.randomUUID` exists only on pages over HTTPS. */
const randomHex = (): string =>
  [...crypto.getRandomValues(new Uint8Array(6))].map(byte => byte.toString(16).padStart(2, '0')).join('')

/** What the broker answers to a token that is not valid any more (CONNACK 4 and 5). */
const refusedCodes = [4, 5]

/** `url` is a WebSocket address of the broker. */
export function createLink(url: string): Link {
  const status = signal<'signed-out' | 'online' | 'reconnecting'>('signed-out')
  const operator = signal('')
  const wasEnded = signal(false)
  const clientId = `console-${randomHex()}`
  const replies = topics.reply(clientId, '')
  let client: MqttClient | undefined
  let requests: Requests | undefined
  const following = createFollowing({
    subscribe: filter => client?.subscribe(filter, { qos: 0 }, () => {}), // refused or gone: the next connection asks again
    unsubscribe: filter => client?.unsubscribe(filter, {}, () => {}),
  })

  async function signIn(username: string, digest: string): Promise<SignInFailure | undefined> {
    wasEnded.value = false
    const opened = await mqtt
      .connectAsync(
        url,
        // Timers of a worker would need `blob:` in the policy of the page.
        {
          ...hostIn(url),
          clientId,
          protocolVersion: 4,
          keepalive: 30,
          reconnectPeriod: 1500,
          queueQoSZero: false,
          timerVariant: 'native',
        },
        false,
      )
      .catch(() => undefined)
    if (!opened) return { code: 'unreachable' }
    client = opened
    requests = requestsOn(opened)
    opened.on('message', received)
    opened.on('close', () => requests?.end())
    opened.on('error', () => {}) // 'close' follows
    const failure = await becomeOperator(opened, username, digest)
    if (failure) await end()
    return failure
  }

  async function becomeOperator(opened: MqttClient, username: string, password: string) {
    const granted = await opened
      .subscribeAsync([topics.replies(clientId), topics.notifications(clientId)])
      .catch(() => [])
    if (granted.length === 0) return { code: 'unreachable' } as const
    const signedIn = await ask('auth/signin', { username, password })
    if (!signedIn.ok) return signedIn
    keep(opened, signedIn.data)
    const me = await ask('account/me', {})
    if (!me.ok) return me
    if (me.data.role !== 'operator') {
      await ask('auth/logout', {})
      return { code: 'not-operator' } as const
    }
    operator.value = me.data.username
    status.value = 'online'
    comeBack(opened)
    return undefined
  }

  /** Every later connection begins with the token. */
  function keep(opened: MqttClient, token: string): void {
    opened.options.username = 'jwt'
    opened.options.password = token
  }

  function comeBack(opened: MqttClient): void {
    opened.on('close', () => {
      if (status.value === 'online') status.value = 'reconnecting'
    })
    opened.on('connect', () => {
      requests = requestsOn(opened)
      status.value = 'online'
    })
    opened.on('error', error => {
      if (!('code' in error && refusedCodes.includes(Number(error.code)))) return
      wasEnded.value = true
      void end()
    })
  }

  const requestsOn = (opened: MqttClient): Requests =>
    createRequests({ send: (operation, body) => void opened.publish(topics.request(clientId, operation), body) })

  function received(topic: string, payload: Uint8Array): void {
    const text = new TextDecoder().decode(payload)
    if (topic.startsWith(replies)) requests?.answered(text)
    else if (topic === topics.notify(clientId, 'token-expiring')) void refresh()
    else following.received(topic, text)
  }

  async function refresh(): Promise<void> {
    const opened = client
    const answer = await ask('auth/refresh', {})
    if (opened && answer.ok) keep(opened, answer.data)
  }

  async function end(): Promise<void> {
    const opened = client
    client = undefined
    requests?.end()
    status.value = 'signed-out'
    operator.value = ''
    if (!opened) return
    delete opened.options.password
    await opened.endAsync(true).catch(() => {})
  }

  async function ask<N extends OperationName>(operation: N, body: RequestBodyOf<N>): Promise<Answer<DataOf<N>>> {
    return requests ? await requests.ask(operation, body) : { ok: false, code: 'offline' }
  }

  return {
    status,
    operator,
    wasEnded,
    signIn,
    ask,
    follow: following.add,
    async signOut() {
      await ask('auth/logout', {})
      await end()
    },
  }
}
