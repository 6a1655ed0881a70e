import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Finding, ok, type Patient, problem, reasonOf, warning } from './finding.ts'

const check = 'certificate'
const dayMs = 86_400_000
const warnDays = 21

/** Checks that clients will accept the certificate, today and for some weeks. */
export function checkCertificate({ config: { tls }, nowMs }: Patient): Finding[] {
  if (!tls) return [ok(check, 'none: MQTT over TLS is off')]
  try {
    const chain = certificatesIn(readFileSync(tls.cert, 'utf8'))
    const [first] = chain
    const key = createPrivateKey(readFileSync(tls.key))
    if (!first?.checkPrivateKey(key))
      return [
        problem(check, `${tls.key} is not the key of ${tls.cert}`, 'set tls.cert and tls.key to files of one pair'),
      ]
    const authorities = tls.ca === undefined ? [] : certificatesIn(readFileSync(tls.ca, 'utf8'))
    return [
      ...chain.map(certificate => lookAtDates(tls.cert, certificate, nowMs)),
      ...authorities.map(certificate => lookAtDates(tls.ca ?? '', certificate, nowMs)),
    ]
  } catch (error) {
    return [problem(check, reasonOf(error), 'set tls.cert and tls.key to PEM files that this user may read')]
  }
}

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []).map(one => new X509Certificate(one))

function lookAtDates(file: string, { validFrom, validTo, subject }: X509Certificate, nowMs: number): Finding {
  const name = `${file} (${subject.replaceAll('\n', ', ')})`
  const daysLeft = Math.floor((Date.parse(validTo) - nowMs) / dayMs)
  if (daysLeft < 0)
    return problem(check, `${name} expired on ${validTo}`, 'replace the file: the broker reloads it by itself')
  if (Date.parse(validFrom) > nowMs)
    return problem(check, `${name} is not valid before ${validFrom}`, 'check the clock of this machine')
  return daysLeft < warnDays
    ? warning(check, `${name} expires in ${daysLeft} days`, 'replace the file: the broker reloads it by itself')
    : ok(check, `${name} is valid for ${daysLeft} days`)
}
