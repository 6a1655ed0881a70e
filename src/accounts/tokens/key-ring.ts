import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signingKeyFile, signingKeyNumber, type TokenAlgorithm } from '../../data-folder/signing-key-files.ts'
import { writeOnce } from '../../data-folder/write-once.ts'
import { makeFolders } from '../../files/make-folders.ts'

/** The keys for tokens. The newest signs; all of them verify, so that tokens outlive a rotation. */
export interface KeyRing {
  readonly algorithm: TokenAlgorithm
  signingKey(): { readonly kid: string; readonly key: KeyObject }
  verifyingKey(kid: string): KeyObject | undefined
  /** Adds a key that signs from now on. Resolves with its `kid`. */
  rotate(): Promise<string>
  /** Loads keys that another process has added. */
  reload(): Promise<void>
  /** The public keys (RFC 7517), newest last; none for HS256, whose keys are secrets. */
  jwks(): { keys: JsonWebKey[] }
}

interface Key {
  /** The key's thumbprint (RFC 7638). */
  readonly kid: string
  readonly signing: KeyObject
  readonly verifying: KeyObject
}

const kinds = {
  ES256: { generate: generateEcKey, parse: parseEcKey },
  HS256: { generate: () => randomBytes(32).toString('base64url'), parse: parseSecret },
} as const

/**
 * Loads every key of `dir`. When there is none, makes the first, readable by its owner only. The files are numbered, and the highest number is
 * the newest. Of processes that start at the same time only one makes the file of a number.
 */
export async function openKeyRing(options: {
  readonly dir: string
  readonly algorithm: TokenAlgorithm
}): Promise<KeyRing> {
  const { dir, algorithm } = options
  const kind = kinds[algorithm]

  async function load(): Promise<{ newest: number; keys: Map<string, Key> }> {
    makeFolders(dir)
    const numbers = (await readdir(dir)).flatMap(name => signingKeyNumber(algorithm, name) ?? []).sort((a, b) => a - b)
    const keys = await Promise.all(numbers.map(number => readKey(fileOf(number), kind.parse)))
    return { newest: numbers.at(-1) ?? 0, keys: new Map(keys.map(key => [key.kid, key])) }
  }
  const fileOf = (number: number) => join(dir, signingKeyFile(algorithm, number))

  let ring = await load()
  const rotate = async () => {
    await writeOnce(fileOf(ring.newest + 1), kind.generate())
    await reload()
    return signingKey().kid
  }
  const reload = async () => {
    ring = await load()
  }
  const signingKey = () => {
    const newest = [...ring.keys.values()].at(-1)
    if (!newest) throw new Error(`no signing key in ${dir}`)
    return { kid: newest.kid, key: newest.signing }
  }
  if (ring.newest === 0) await rotate()

  return {
    algorithm,
    rotate,
    reload,
    signingKey,
    verifyingKey: kid => ring.keys.get(kid)?.verifying,
    jwks: () => ({
      keys: algorithm === 'HS256' ? [] : [...ring.keys.values()].map(({ kid, verifying }) => publicJwk(kid, verifying)),
    }),
  }
}

async function readKey(file: string, parse: (text: string) => Key): Promise<Key> {
  const text = await readFile(file, 'utf8')
  try {
    return parse(text)
  } catch (cause) {
    throw new Error(`${file} is not a key that tokens can be signed with`, { cause })
  }
}

function generateEcKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function parseEcKey(pem: string): Key {
  const signing = createPrivateKey(pem)
  if (signing.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('ES256 needs a key on the curve P-256')
  const verifying = createPublicKey(signing)
  const { crv, kty, x, y } = verifying.export({ format: 'jwk' })
  return { kid: thumbprint({ crv, kty, x, y }), signing, verifying }
}

function parseSecret(text: string): Key {
  const secret = createSecretKey(text.trim(), 'base64url')
  if ((secret.symmetricKeySize ?? 0) < 32) throw new Error('HS256 needs a secret of 32 bytes or more')
  const { k, kty } = secret.export({ format: 'jwk' })
  return { kid: thumbprint({ k, kty }), signing: secret, verifying: secret }
}

/** RFC 7638 section 3: the members must be in lexicographic order. */
const thumbprint = (members: { readonly [name: string]: string | undefined }): string =>
  createHash('sha256').update(JSON.stringify(members)).digest('base64url')

const publicJwk = (kid: string, key: KeyObject): JsonWebKey => ({
  ...key.export({ format: 'jwk' }),
  kid,
  alg: 'ES256',
  use: 'sig',
})
