import * as z from 'zod'

/** The public address of the HTTP port: `https://…`, `http://…`, `wss://…` or `ws://…`. Read as a web address without `/` or `/mqtt` at its end. */
export const publicUrlSchema = z.string().transform((value, context) => {
  const problem = problemOf(value)
  if (problem !== undefined) {
    context.addIssue({ code: 'custom', message: problem })
    return z.NEVER
  }
  const { protocol, host, pathname } = new URL(value)
  return `${protocol.replace('ws', 'http')}//${host}${pathname.replace(/\/(mqtt\/?)?$/, '').replace(/\/+$/, '')}`
})

/** What is wrong, in words that do not repeat the value: it may contain a password. */
function problemOf(value: string): string | undefined {
  if (/\s/.test(value) || !URL.canParse(value)) return 'must be an address such as https://iot.example.com'
  const { protocol, username, password, host } = new URL(value)
  if (!/^(https?|wss?):$/.test(protocol)) return 'must begin with https://, wss://, http:// or ws://'
  if (username || password) return 'must not hold a user name or a password'
  if (/[?#]/.test(value)) return 'must not hold a query or a fragment: a path such as /iot/ may follow the host'
  return host === '' || !/^\w+:\/\//.test(value) ? 'must be an address such as https://iot.example.com' : undefined
}
