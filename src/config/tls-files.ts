import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { codeOf } from '../files/code-of.ts'
import { fileReason } from '../files/file-reason.ts'
import type { Objection } from './objection.ts'

/** The paths of the files for TLS; a missing path is not read. */
export type TlsPaths = { readonly [name in 'cert' | 'key' | 'ca']?: unknown }

/** The content of the files, in PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

/** Reads the files and tries them out: their content, or what is wrong. Neither without a pair of certificate and key. */
export function readTlsFiles(paths: TlsPaths): {
  readonly files?: TlsFiles
  readonly objections: readonly Objection[]
} {
  const objections: Objection[] = []
  const read = (name: keyof TlsPaths): Buffer | undefined => {
    const file = paths[name]
    if (typeof file !== 'string' || file === '') return undefined
    try {
      return readFileSync(file)
    } catch (error) {
      objections.push({ key: `tls.${name}`, message: `${file} cannot be read: ${fileReason(error)}` })
      return undefined
    }
  }
  const [cert, key, ca] = [read('cert'), read('key'), read('ca')]
  if (objections.length > 0 || !cert || !key) return { objections }
  const files = { cert, key, ...(ca && { ca }) }
  const objection = objectionTo(files)
  return objection ? { objections: [objection] } : { files, objections }
}

/** The first problem when the files are tried out. */
function objectionTo({ cert, key, ca }: TlsFiles): Objection | undefined {
  const uses = [
    { key: 'tls.key', means: 'is not a private key that can be used', use: () => createSecureContext({ key }) },
    { key: 'tls.cert', means: 'cannot be used with tls.key', use: () => createSecureContext({ cert, key }) },
    // A context accepts anything as an authority, and then trusts nobody.
    { key: 'tls.ca', means: 'is not a certificate in PEM', use: () => ca && new X509Certificate(ca.toString()) },
  ]
  for (const { key, means, use } of uses) {
    try {
      use()
    } catch (error) {
      return { key, message: `${means} (${codeOf(error) || 'unusable'})` }
    }
  }
  return undefined
}
