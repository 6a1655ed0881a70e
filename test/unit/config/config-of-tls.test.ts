import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createAuthority } from '../../support/network/certificates.ts'
import { createFolder, problemsOf } from './config-fixture.ts'

const { folder, write } = createFolder()

describe('TLS', () => {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })

  test('needs certificate and key', () => {
    expect(problemsOf({ LATCHKEY_TLS_KEY: write('key.pem', privateKey) })).toEqual([
      { key: 'tls.cert', source: 'LATCHKEY_TLS_CERT', message: 'is missing, but tls.key is set' },
    ])
  })

  test('needs files that can be read', () => {
    const gone = join(folder, 'gone.pem')
    const key = write('key.pem', privateKey)
    expect(problemsOf({ LATCHKEY_TLS_CERT: gone, LATCHKEY_TLS_KEY: key })).toEqual([
      {
        key: 'tls.cert',
        source: 'LATCHKEY_TLS_CERT',
        message: `${gone} cannot be read: there is no such file or folder`,
      },
    ])
  })

  test('needs a certificate that is one', () => {
    const env = { LATCHKEY_TLS_CERT: write('cert.pem', 'no'), LATCHKEY_TLS_KEY: write('key.pem', privateKey) }
    expect(problemsOf(env)).toEqual([
      expect.objectContaining({ key: 'tls.cert', message: expect.stringContaining('cannot be used with tls.key') }),
    ])
  })

  test('an invalid key is reported as such', () => {
    const env = { LATCHKEY_TLS_CERT: write('cert.pem', 'no'), LATCHKEY_TLS_KEY: write('key.pem', 'no') }
    expect(problemsOf(env)).toEqual([
      {
        key: 'tls.key',
        source: 'LATCHKEY_TLS_KEY',
        message: expect.stringMatching(/^is not a private key that can be used \(.+\)$/),
      },
    ])
  })

  test('needs an authority that is a certificate', () => {
    const { cert, key } = createAuthority().issue({ commonNames: ['mqtt.example.com'] })
    const env = { LATCHKEY_TLS_CERT: write('cert.pem', cert), LATCHKEY_TLS_KEY: write('key.pem', key) }
    expect(problemsOf({ ...env, LATCHKEY_TLS_CA: write('ca.pem', cert) })).toEqual([])
    expect(problemsOf({ ...env, LATCHKEY_TLS_CA: write('ca.pem', key) })).toEqual([
      { key: 'tls.ca', source: 'LATCHKEY_TLS_CA', message: expect.stringMatching(/^is not a certificate in PEM/) },
    ])
  })

  test('an authority alone is of no use', () => {
    expect(problemsOf({ LATCHKEY_TLS_CA: write('ca.pem', 'x') })).toEqual([
      { key: 'tls.ca', source: 'LATCHKEY_TLS_CA', message: 'requires tls.cert and tls.key' },
    ])
  })
})
