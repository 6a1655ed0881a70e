import { opendirSync } from 'node:fs'
import { fileReason } from '../files/file-reason.ts'
import type { ConfigSources } from './config-sources.ts'
import type { Objection } from './objection.ts'
import { readTlsFiles } from './tls-files.ts'

/** Checks beyond the schema: settings that contradict each other, requirements of the environment, files that cannot be read. */
export const checkTogether = (sources: ConfigSources, environment: string): Objection[] => [
  ...checkWechat(sources, environment === 'production'),
  ...checkPorts(sources),
  ...checkTls(sources),
  ...checkTypeFolders(sources),
  ...checkFolder('wechat.verificationFolder', sources.valueOf('wechat.verificationFolder')),
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
  if (!production && !has('wechat.appid')) objections.push(...checkStandIn(sources))
  const base = sources.valueOf('wechat.base')
  if (production && typeof base === 'string' && URL.canParse(base) && sendsSecretsInClear(new URL(base))) {
    objections.push({ key: 'wechat.base', message: 'must be https in production, unless it is on loopback' })
  }
  return objections
}

/** Anybody who reaches the stand-in can be any WeChat user. */
function checkStandIn(sources: ConfigSources): Objection[] {
  if (sources.valueOf('wechat.standIn') === 'anybody') return []
  const message = (means: string) =>
    `${means}, and without WeChat's settings everybody may sign in as anybody: set WECHAT_APPID and WECHAT_SECRET, or wechat.standIn (LATCHKEY_WECHAT_STAND_IN) to "anybody" where the network is yours alone`
  const host = sources.valueOf('host')
  // The schema refuses invalid hosts.
  const isBeyond = typeof host === 'string' && /^[\w.:%-]+$/.test(host) && !/^(localhost|127(\.\d+){3}|::1)$/.test(host)
  const proxies = sources.valueOf('trustedProxies')
  const hasProxies = typeof proxies === 'string' ? proxies.trim() !== '' : Array.isArray(proxies) && proxies.length > 0
  return [
    ...(isBeyond ? [{ key: 'host', message: message('is not loopback') }] : []),
    ...(hasProxies ? [{ key: 'trustedProxies', message: message('lets others in') }] : []),
  ]
}

const sendsSecretsInClear = (url: URL): boolean =>
  url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)

function checkPorts(sources: ConfigSources): Objection[] {
  const taken = new Map<string, string>()
  const objections: Objection[] = []
  const listening = sources.valueOf('tls.cert') === undefined ? [] : ['tls.port', 'https.port']
  for (const key of ['mqtt.port', 'http.port', ...listening]) {
    const port = String(sources.valueOf(key))
    const other = taken.get(port)
    if (other !== undefined && port !== '0') objections.push({ key, message: `is the same as ${other}` })
    taken.set(port, key)
  }
  return objections
}

function checkTls(sources: ConfigSources): Objection[] {
  const value = (name: string) => sources.valueOf(`tls.${name}`)
  const set = (name: string) => value(name) !== undefined
  const { objections } = readTlsFiles({ cert: value('cert'), key: value('key'), ca: value('ca') })
  if (set('cert') !== set('key')) {
    const [missing, given] = set('cert') ? ['key', 'cert'] : ['cert', 'key']
    return [...objections, { key: `tls.${missing}`, message: `is missing, but tls.${given} is set` }]
  }
  if (set('ca') && !set('cert')) {
    return [...objections, { key: 'tls.ca', message: 'requires tls.cert and tls.key' }]
  }
  return [...objections]
}

function checkTypeFolders(sources: ConfigSources): Objection[] {
  const folders = sources.valueOf('devices.typeFolders')
  if (!Array.isArray(folders)) return []
  return folders.flatMap((folder: unknown, i) => checkFolder(`devices.typeFolders.${i}`, folder))
}

function checkFolder(key: string, folder: unknown): Objection[] {
  if (typeof folder !== 'string' || folder === '') return [] // refused by the schema
  try {
    opendirSync(folder).closeSync()
    return []
  } catch (error) {
    return [{ key, message: `${folder} cannot be read: ${fileReason(error)}` }]
  }
}
