import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate (PEM) and its private key (PEM). */
export interface CertifiedKey {
  readonly cert: string
  readonly key: string
}

export interface Authority extends CertifiedKey {
  issue(wanted: CertificateOptions): CertifiedKey
}

interface CertificateOptions {
  /** One CN each. */
  readonly commonNames: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

const dayMs = 86_400_000

/** An authority made for a test, in X.509 written by hand: no program is needed for it. */
export function createAuthority(name = 'test authority'): Authority {
  const { privateKey, publicKey } = newKey()
  const issue = (wanted: CertificateOptions, subjectKey: KeyObject, isAuthority: boolean) =>
    certificate({ ...wanted, issuer: name, issuerKey: privateKey, subjectKey, isAuthority })
  return {
    cert: issue({ commonNames: [name] }, publicKey, true),
    key: pem(privateKey),
    issue(wanted) {
      const subject = newKey()
      return { cert: issue(wanted, subject.publicKey, false), key: pem(subject.privateKey) }
    },
  }
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** DER, as far as it is needed here (ITU-T X.690). */
function der(tag: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map(part => Buffer.from(part)))
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content)
const time = (date: Date) => der(0x18, `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`)
const nameOf = (commonNames: readonly string[]) =>
  sequence(...commonNames.map(name => der(0x31, sequence(objectId('550403'), der(0x0c, name)))))

const version3 = der(0xa0, der(0x02, Buffer.from([2])))
const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'))
const yes = der(0x01, Buffer.from([255]))
const basicConstraints = (isAuthority: boolean) =>
  sequence(objectId('551d13'), yes, der(0x04, isAuthority ? sequence(yes) : sequence()))

/** RFC 5280 section 4.1. */
function certificate(options: {
  readonly commonNames: readonly string[]
  readonly issuer: string
  readonly issuerKey: KeyObject
  readonly subjectKey: KeyObject
  readonly isAuthority: boolean
  readonly notBefore?: Date
  readonly notAfter?: Date
}): string {
  const { notBefore = new Date(Date.now() - dayMs), notAfter = new Date(Date.now() + dayMs) } = options
  const toBeSigned = sequence(
    version3,
    der(0x02, Buffer.from([1]), randomBytes(8)),
    ecdsaWithSha256,
    nameOf([options.issuer]),
    sequence(time(notBefore), time(notAfter)),
    nameOf(options.commonNames),
    options.subjectKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(basicConstraints(options.isAuthority))),
  )
  const whole = sequence(toBeSigned, ecdsaWithSha256, bits(sign('sha256', toBeSigned, options.issuerKey)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
