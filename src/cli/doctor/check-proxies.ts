import * as z from 'zod'
import type { Config } from '../../config/config.ts'
import { urlHost } from '../output/url-host.ts'
import { type Finding, ok, type Patient, warning } from './finding.ts'

const check = 'proxies'
const timeoutMs = 3000
const readinessSchema = z.object({ checks: z.object({ proxies: z.string() }) })

/** Checks that the broker knows each proxy in front, so that addresses are those of clients. */
export async function checkProxies({ config }: Patient, isRunning: boolean): Promise<Finding[]> {
  const { trustedProxies, tls } = config
  const told = isRunning ? await toldBy(config) : 'ok'
  const trusted = trustedProxies.length === 0 ? 'none is trusted' : `trusted: ${trustedProxies.join(', ')}`
  return [
    told === undefined || told === 'ok'
      ? ok(
          check,
          told ? trusted : `${trusted}; the running broker tells what it has seen on loopback only: see its log`,
        )
      : warning(
          check,
          told,
          'if that is your proxy, set trustedProxies or LATCHKEY_TRUSTED_PROXIES: until then everybody behind it counts as one address',
        ),
    ...trustedProxies
      .filter(network => network.endsWith('/0'))
      .map(network =>
        warning(
          check,
          `${network} trusts everybody`,
          'list only your proxies: a trusted address may claim to be any other',
        ),
      ),
    ...(tls?.ca !== undefined && trustedProxies.length > 0
      ? [
          warning(
            check,
            'tls.ca: only the end of a TLS connection sees the client certificate',
            'where devices sign in by certificate, have the proxy pass TLS through with a PROXY header',
          ),
        ]
      : []),
  ]
}

/** What the running broker says about proxies: `ok`, or a sentence; undefined when it does not answer. */
async function toldBy({ http, host }: Config): Promise<string | undefined> {
  try {
    const url = `http://${urlHost(host)}:${http.port}/readyz`
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    return readinessSchema.parse(await response.json()).checks.proxies
  } catch {
    return undefined
  }
}
