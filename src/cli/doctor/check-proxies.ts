import * as z from 'zod'
import type { Config } from '../../config/config.ts'
import { urlHost } from '../output/url-host.ts'
import { type Finding, ok, type Patient, warning } from './finding.ts'

const check = 'proxies'
const timeoutMs = 3000
const readinessSchema = z.object({ checks: z.object({ proxies: z.string() }) })

/** Whether each proxy in front is known to the broker, so that an address is a client's and not a proxy's. */
export async function checkProxies({ config }: Patient, isRunning: boolean): Promise<Finding[]> {
  const { trustedProxies, tls } = config
  const told = isRunning ? await toldBy(config) : 'ok'
  const trusted = trustedProxies.length === 0 ? 'none is trusted' : `trusted: ${trustedProxies.join(', ')}`
  return [
    told === undefined || told === 'ok'
      ? ok(
          check,
          told ? trusted : `${trusted}; what the running broker has seen it tells on loopback alone: see its log`,
        )
      : warning(
          check,
          told,
          'if that is your proxy, set trustedProxies or LATCHKEY_TRUSTED_PROXIES: until then everybody behind it counts as one address',
        ),
    ...trustedProxies
      .filter(network => network.endsWith('/0'))
      .map(network =>
        warning(check, `${network} is everybody`, 'list your proxies alone: who is trusted may claim any address'),
      ),
    ...(tls?.ca !== undefined && trustedProxies.length > 0
      ? [
          warning(
            check,
            'tls.ca: a certificate is seen only by who ends TLS',
            'have the proxy pass TLS through, with a PROXY header, where devices sign in by certificate',
          ),
        ]
      : []),
  ]
}

/** What the running broker has seen: `ok`, or a sentence; undefined when it does not say. */
async function toldBy({ http, host }: Config): Promise<string | undefined> {
  try {
    const url = `http://${urlHost(host)}:${http.port}/readyz`
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    return readinessSchema.parse(await response.json()).checks.proxies
  } catch {
    return undefined
  }
}
