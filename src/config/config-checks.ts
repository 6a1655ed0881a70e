import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { ConfigSources } from './config-sources.ts'

/** A key and what is wrong with it. */
export interface Objection {
  readonly key: string
  readonly message: string
}

/** What the schema cannot see: settings that contradict each other, the environment's demands, files that cannot be read. */
export const checkTogether = (sources: ConfigSources, environment: string): Objection[] => [
  ...checkWechat(sources, environment === 'production'),
  ...checkPorts(sources),
  ...checkTls(sources),
  ...checkTypeFolders(sources),
]

function checkWechat(sources: ConfigSources, production: boolean): Objection[] {
  const objections: Objection[] = []
  const has = (key: string) => sources.valueOf(key) !== undefined
  for (const [key, other] of [
    ['wechat.appid', 'wechat.secret'],
    ['wechat.secret', 'wechat.appid'],
  ] as const) {
    if (has(key)) continue
    if (production) objections.push({ key, message: 'is required in production' })
    else if (has(other)) objections.push({ key, message: `is missing, but ${other} is set` })
  }
  const base = sources.valueOf('wechat.base')
  if (production && typeof base === 'string' && URL.canParse(base) && sendsSecretsInClear(new URL(base))) {
    objections.push({ key: 'wechat.base', message: 'must be https in production, unless it is on loopback' })
  }
  return objections
}

const sendsSecretsInClear = (url: URL): boolean =>
  url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)

function checkPorts(sources: ConfigSources): Objection[] {
  const taken = new Map<string, string>()
  const objections: Objection[] = []
  const listening = sources.valueOf('tls.cert') === undefined ? [] : ['tls.port']
  for (const key of ['mqtt.port', 'http.port', ...listening]) {
    const port = String(sources.valueOf(key))
    const other = taken.get(port)
    if (other !== undefined && port !== '0') objections.push({ key, message: `is the same as ${other}` })
    taken.set(port, key)
  }
  return objections
}

function checkTls(sources: ConfigSources): Objection[] {
  const objections: Objection[] = []
  const contents = new Map<string, Buffer>()
  for (const key of ['tls.cert', 'tls.key', 'tls.ca']) {
    const file = sources.valueOf(key)
    if (typeof file !== 'string' || file === '') continue
    try {
      contents.set(key, readFileSync(file))
    } catch (error) {
      objections.push({ key, message: `${file} cannot be read (${codeOf(error)})` })
    }
  }
  const set = (key: string) => sources.valueOf(key) !== undefined
  if (set('tls.cert') !== set('tls.key')) {
    const [missing, given] = set('tls.cert') ? ['tls.key', 'tls.cert'] : ['tls.cert', 'tls.key']
    objections.push({ key: missing, message: `is missing, but ${given} is set` })
  } else if (set('tls.ca') && !set('tls.cert')) {
    objections.push({ key: 'tls.ca', message: 'is of no use without tls.cert and tls.key' })
  }
  const [cert, key, ca] = ['tls.cert', 'tls.key', 'tls.ca'].map(name => contents.get(name))
  return objections.length === 0 && cert && key ? checkUse(cert, key, ca) : objections
}

/** What was read, put to use: the first thing that is wrong with it. */
function checkUse(cert: Buffer, key: Buffer, ca: Buffer | undefined): Objection[] {
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
      return [{ key, message: `${means} (${codeOf(error)})` }]
    }
  }
  return []
}

function checkTypeFolders(sources: ConfigSources): Objection[] {
  const folders = sources.valueOf('devices.typeFolders')
  if (!Array.isArray(folders)) return []
  return folders.flatMap((folder: unknown, i) => {
    if (typeof folder !== 'string' || folder === '') return [] // the schema's to refuse
    try {
      readdirSync(folder)
      return []
    } catch (error) {
      return [{ key: `devices.typeFolders.${i}`, message: `${folder} cannot be read (${codeOf(error)})` }]
    }
  })
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unusable'
