import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openKeyRing } from '../../../src/accounts/tokens/key-ring.ts'

let root: string
let dir: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-keys-'))
  dir = join(root, 'keys')
})
afterEach(() => rm(root, { recursive: true }))

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe.each([
  ['ES256', '0001.pem'],
  ['HS256', '0001.key'],
] as const)('a ring of %s keys', (algorithm, file) => {
  it('makes a key at first start that only its owner can read', async () => {
    const ring = await openKeyRing({ dir, algorithm })
    expect(await readdir(dir)).toEqual([file])
    expect(await modeOf(dir)).toBe(0o700)
    expect(await modeOf(join(dir, file))).toBe(0o600)
    expect(ring.algorithm).toBe(algorithm)
    expect(ring.verifyingKey(ring.signingKey().kid)).toBeDefined()
    expect(ring.verifyingKey('foreign')).toBeUndefined()
  })

  it('has the same key after a restart', async () => {
    const before = await openKeyRing({ dir, algorithm })
    const after = await openKeyRing({ dir, algorithm })
    expect(after.signingKey().kid).toBe(before.signingKey().kid)
    expect(await readdir(dir)).toEqual([file])
  })

  it('is the same for processes that start at once', async () => {
    const rings = await Promise.all(Array.from({ length: 8 }, () => openKeyRing({ dir, algorithm })))
    expect(new Set(rings.map(ring => ring.signingKey().kid)).size).toBe(1)
    expect(await readdir(dir)).toEqual([file])
  })

  it('signs with the newest key after a rotation and still verifies with the old one, restarted or not', async () => {
    const ring = await openKeyRing({ dir, algorithm })
    const old = ring.signingKey().kid
    for (let i = 0; i < 10; i++) await ring.rotate()
    const newest = ring.signingKey().kid
    expect(newest).not.toBe(old)
    const restarted = await openKeyRing({ dir, algorithm })
    expect(restarted.signingKey().kid).toBe(newest)
    for (const { verifyingKey } of [ring, restarted]) {
      expect(verifyingKey(old)).toBeDefined()
      expect(verifyingKey(newest)).toBeDefined()
    }
  })

  it('takes up what another process added when it is told to', async () => {
    const [here, elsewhere] = [await openKeyRing({ dir, algorithm }), await openKeyRing({ dir, algorithm })]
    const kid = await elsewhere.rotate()
    expect(here.verifyingKey(kid)).toBeUndefined()
    await here.reload()
    expect(here.verifyingKey(kid)).toBeDefined()
    expect(here.signingKey().kid).toBe(kid)
  })

  it('refuses to open with a file that is not such a key, and names it', async () => {
    await mkdir(dir)
    await writeFile(join(dir, file), 'c2hvcnQ')
    await expect(openKeyRing({ dir, algorithm })).rejects.toThrow(file)
  })

  it('passes over files that are not its own', async () => {
    await mkdir(dir)
    for (const name of ['README', 'backup.pem', 'backup.key', `${file}.tmp`]) await writeFile(join(dir, name), 'x')
    const ring = await openKeyRing({ dir, algorithm })
    expect(ring.signingKey().kid).toBeTypeOf('string')
  })
})

it('signs with the key whose public half it publishes, under its thumbprint, and publishes nothing private', async () => {
  const ring = await openKeyRing({ dir, algorithm: 'ES256' })
  await ring.rotate()
  const { keys } = ring.jwks()
  expect(keys).toHaveLength(2)
  const published = keys[1] ?? {}
  const { kid, key } = ring.signingKey()
  const { crv, kty, x, y } = published
  expect(published).toEqual({ kid, kty: 'EC', crv: 'P-256', x, y, alg: 'ES256', use: 'sig' })
  expect(kid).toBe(createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url'))
  const data = Buffer.from('message')
  expect(verify('sha256', data, createPublicKey({ key: published, format: 'jwk' }), sign('sha256', data, key))).toBe(
    true,
  )
})

it('publishes nothing of HS256 keys', async () => {
  const ring = await openKeyRing({ dir, algorithm: 'HS256' })
  expect(ring.jwks()).toEqual({ keys: [] })
})

it('refuses a key on another curve', async () => {
  await mkdir(dir)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  await writeFile(join(dir, '0001.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await expect(openKeyRing({ dir, algorithm: 'ES256' })).rejects.toThrow('0001.pem')
})
