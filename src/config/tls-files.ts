import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { codeOf } from '../files/code-of.ts'
import { fileReason } from '../files/file-reason.ts'
import type { Objection } from './objection.ts'

/** Where the files of the TLS listener are; what is missing is not read. */
export type TlsPaths = { readonly [name in 'cert' | 'key' | 'ca']?: unknown }

/** What they hold, in PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

/** Reads the files and puts them to use: what they hold, or what is wrong. Neither when there is no pair of certificate and key. */
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

/** The first thing that is wrong when they are put to use. */
function objectionTo({ cert, key, ca }: TlsFiles): Objection | undefined {
  const uses = [
    { key: 'tls.key', means: 'is not a private key that can be used', use: () => createSecureContext({ key }) },
    { key: 'tls.cert', means: 'cannot be used with tls.key', use: () => createSecureContext({ cert, key }) },
    // A context takes anything for an authority, and then trusts nobody.
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
