import { urlHost } from '../output/url-host.ts'
import { type Finding, ok, type Patient, warning } from './finding.ts'

const check = 'public URL'

/** Checks that links and QR codes lead to the broker, as far as the configuration shows. */
export function checkPublicUrl({ config: { publicUrl, trustedProxies, tls, host } }: Patient): Finding {
  const isBehind = trustedProxies.length > 0
  if (publicUrl === undefined)
    return isBehind
      ? warning(
          check,
          'not set, although proxies are trusted',
          'set publicUrl or LATCHKEY_PUBLIC_URL to the address that phones use, for example https://iot.example.com',
        )
      : ok(check, 'none: links and QR codes contain no address')
  const { protocol, hostname } = new URL(publicUrl)
  if (protocol === 'https:')
    return isBehind || tls
      ? ok(check, publicUrl)
      : warning(
          check,
          `${publicUrl}, but there is neither a certificate (tls.cert) nor a trusted proxy for TLS`,
          'set tls.cert and tls.key, or trustedProxies; or start publicUrl with http://',
        )
  return hostname === urlHost(host) && !isBehind && !tls
    ? ok(check, publicUrl)
    : warning(
        check,
        `${publicUrl}, without TLS${tls ? ', although there is a certificate (tls.cert)' : ''}`,
        'start publicUrl with https://: mini-programs only speak wss',
      )
}
