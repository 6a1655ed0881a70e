import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig, readConfig } from '../../../src/config/config.ts'
import { configDir, createFolder, problemsOf } from './config-fixture.ts'

const { folder } = createFolder()

const ownFolder = (files: Record<string, unknown>): string => {
  const own = mkdtempSync(join(folder, 'own-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(own, name), JSON.stringify(content))
  return own
}

const wechat = { WECHAT_APPID: 'wx1', WECHAT_SECRET: 'hush' }

describe('the configuration that comes along', () => {
  test('is complete, and listens on loopback only', () => {
    const config = loadConfig({ env: {}, configDir })
    expect(config).toMatchObject({ environment: 'development', host: '127.0.0.1', mqtt: { port: 1883 } })
    expect(config.tls).toBeUndefined()
    expect(config.limits.maxPacketBytes).toBe(262_144)
  })

  test('listens on every address in production', () => {
    expect(loadConfig({ env: { NODE_ENV: 'production', ...wechat }, configDir }).host).toBe('0.0.0.0')
  })
})

describe('environment variables', () => {
  test('win over files, and an empty one counts as not set', () => {
    const config = loadConfig({ env: { LATCHKEY_MQTT_PORT: '0', LATCHKEY_HOST: '' }, configDir })
    expect(config.mqtt.port).toBe(0)
    expect(config.host).toBe('127.0.0.1')
  })

  test.each(['80x', '-1', '1e3', ' 80', '0x50', '1.5'])('refuse the port %j and name the variable', port => {
    expect(problemsOf({ LATCHKEY_HTTP_PORT: port })).toEqual([
      {
        key: 'http.port',
        source: 'LATCHKEY_HTTP_PORT',
        message: `must be a whole number from 0 to 65535, not ${JSON.stringify(port)}`,
      },
    ])
  })

  test('refuse a port that is too large', () => {
    expect(problemsOf({ LATCHKEY_HTTP_PORT: '65536' })).toMatchObject([
      { key: 'http.port', message: 'must be a whole number from 0 to 65535, not 65536' },
    ])
  })

  test('choose the environment, which must be one of three', () => {
    expect(problemsOf({ NODE_ENV: 'prod' })).toEqual([
      { key: 'environment', source: 'NODE_ENV', message: 'must be one of development, production, test, not "prod"' },
    ])
  })

  test.each([
    ['LATCHKEY_DATABASE_URL', 'postgres://u:p@host/db', 'database.url', 'not supported yet'],
    ['LATCHKEY_NATS_URL', 'nats://host', 'nats.url', 'not supported yet'],
    [
      'WECHAT_API_BASE',
      'ftp://host',
      'wechat.base',
      'must be an http or https address without user, query or fragment',
    ],
    [
      'WECHAT_API_BASE',
      'https://h/?a=1',
      'wechat.base',
      'must be an http or https address without user, query or fragment',
    ],
    ['LATCHKEY_HOST', 'http://h', 'host', 'must be an address or a host name, not "http://h"'],
    ['LATCHKEY_LOCALE', 'de', 'locale', 'must be one of zh-CN, en, not "de"'],
    ['LATCHKEY_WECHAT_STAND_IN', 'yes', 'wechat.standIn', 'must be one of loopback, anybody, not "yes"'],
    ['LATCHKEY_HTTP_MONITORING', 'x', 'http.monitoring', 'must be one of loopback, public, not "x"'],
  ])('%s=%s is refused', (name, value, key, message) => {
    expect(problemsOf({ [name]: value })).toEqual([{ key, source: name, message }])
  })

  test('wrong ones are all told at once, without what may be a secret in the wrong place', () => {
    const secret = 'secret'.repeat(5)
    const env = { LATCHKEY_LOCALE: secret, LATCHKEY_LOG_LEVEL: secret, LATCHKEY_MQTT_PORT: secret }
    const problems = problemsOf(env)
    expect(problems.map(({ key, source }) => [key, source])).toEqual([
      ['locale', 'LATCHKEY_LOCALE'],
      ['mqtt.port', 'LATCHKEY_MQTT_PORT'],
      ['log.level', 'LATCHKEY_LOG_LEVEL'],
    ])
    expect(JSON.stringify(problems)).not.toContain('secret')
  })
})

describe('a folder of one’s own', () => {
  test('is laid over the one that comes along, file by file, and variables still win', () => {
    const own = ownFolder({
      'default.json': { limits: { filtersPerSession: 7 } },
      'production.json': { mqtt: { port: 2000 }, http: { port: 3000 } },
      'local.json': { locale: 'en' },
    })
    const env = { NODE_ENV: 'production', NODE_CONFIG_DIR: own, LATCHKEY_HTTP_PORT: '4000', ...wechat }
    const config = loadConfig({ env, configDir })
    expect(config).toMatchObject({ mqtt: { port: 2000 }, http: { port: 4000 }, host: '0.0.0.0', locale: 'en' })
    expect(config.limits).toMatchObject({ filtersPerSession: 7, filtersPerPacket: 1000 })
  })

  test('names its file in a problem, and a setting that does not exist is one', () => {
    const limits = { maxPacketBytes: '1', uncountedAddresses: ['proxy'], requestsPerMinuteOf: { 'auth/lgin': 1 } }
    const own = ownFolder({ 'development.json': { mqtt: { prot: 1 }, guests: {}, limits } })
    const source = join(own, 'development.json')
    expect(problemsOf({ NODE_CONFIG_DIR: own })).toEqual([
      { key: 'mqtt.prot', source, message: 'there is no such setting' },
      { key: 'limits.maxPacketBytes', source, message: 'must be a whole number from 1024 to 268435455, not "1"' },
      { key: 'limits.uncountedAddresses.0', source, message: 'must be an IP address, not "proxy"' },
      { key: 'limits.requestsPerMinuteOf.auth/lgin', source, message: 'there is no such setting' },
      { key: 'guests', source, message: 'there is no such setting' },
    ])
  })

  test('must exist, and its files must be JSON', () => {
    const missing = join(folder, 'missing')
    expect(problemsOf({ NODE_CONFIG_DIR: missing })).toEqual([
      { key: 'files', source: 'NODE_CONFIG_DIR', message: `${missing} is not a folder` },
    ])
    const own = mkdtempSync(join(folder, 'own-'))
    writeFileSync(join(own, 'default.json'), '{')
    expect(problemsOf({ NODE_CONFIG_DIR: own })[0]?.message).toContain(join(own, 'default.json'))
  })

  test.each([[null], [[]], [[1]], ['x'], [7]])('a file of it that holds %j is named: it must be an object', content => {
    const own = ownFolder({ 'local.json': content })
    expect(problemsOf({ NODE_CONFIG_DIR: own })).toEqual([
      { key: 'files', source: 'NODE_CONFIG_DIR', message: `${join(own, 'local.json')} does not hold a JSON object` },
    ])
  })
})

describe('WeChat', () => {
  test('is not needed outside production', () => {
    expect(loadConfig({ env: {}, configDir }).wechat).toEqual({
      standIn: 'loopback',
      base: 'https://api.weixin.qq.com',
    })
  })

  test('is needed in production, and each missing part is named', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
      { key: 'wechat.appid', source: 'WECHAT_APPID', message: 'is required in production' },
      { key: 'wechat.secret', source: 'WECHAT_SECRET', message: 'is required in production' },
    ])
  })

  test('half of it is a problem anywhere', () => {
    expect(problemsOf({ WECHAT_APPID: 'wx1' })).toEqual([
      { key: 'wechat.secret', source: 'WECHAT_SECRET', message: 'is missing, but wechat.appid is set' },
    ])
  })

  test.each(['http://wechat.example', 'http://127.0.0.1.example'])('in production %s is refused', base => {
    expect(problemsOf({ NODE_ENV: 'production', ...wechat, WECHAT_API_BASE: base })).toEqual([
      {
        key: 'wechat.base',
        source: 'WECHAT_API_BASE',
        message: 'must be https in production, unless it is on loopback',
      },
    ])
  })

  test.each(['https://wechat.example/', 'http://127.0.0.1:99', 'http://[::1]:99', 'http://localhost'])(
    'in production %s is fine',
    base => {
      const config = loadConfig({ env: { NODE_ENV: 'production', ...wechat, WECHAT_API_BASE: base }, configDir })
      expect(config.wechat.base).toBe(base.replace(/\/$/, ''))
    },
  )
})

describe('ports', () => {
  test('may not be the same, unless any free one will do', () => {
    expect(problemsOf({ LATCHKEY_MQTT_PORT: '8080' })).toEqual([
      { key: 'http.port', source: join('config', 'default.json'), message: 'is the same as mqtt.port' },
    ])
    expect(problemsOf({ LATCHKEY_MQTT_PORT: '0', LATCHKEY_HTTP_PORT: '0' })).toEqual([])
  })

  test('the TLS port counts only when there is a certificate', () => {
    expect(problemsOf({ LATCHKEY_MQTTS_PORT: '8080' })).toEqual([])
  })
})

test('for every kind of setting the error says in words what it may be and what it is', () => {
  const wrong = {
    history: { enabled: 'yes' },
    limits: { connections: '80', wsOrigins: 'x', uncountedAddresses: [5], requestsPerMinuteOf: 5 },
    tokens: { algorithm: 'RS256' },
    guest: true,
    dataDir: null,
  }
  const problems = problemsOf({ NODE_CONFIG_DIR: ownFolder({ 'local.json': wrong }) })
  expect(Object.fromEntries(problems.map(({ key, message }) => [key, message]))).toEqual({
    'history.enabled': 'must be true or false, not "yes"',
    'limits.connections': 'must be a whole number from 1 to 10000000, not "80"',
    'limits.wsOrigins': 'must be a list, not "x"',
    'limits.uncountedAddresses.0': 'must be a string, not 5',
    'limits.requestsPerMinuteOf': 'must be an object, not 5',
    'tokens.algorithm': 'must be one of ES256, HS256, not "RS256"',
    guest: 'must be an object, not true',
    dataDir: 'must be a string, not null',
  })
})

test('what may hold a password is not repeated, however short it is', () => {
  const env = { WECHAT_API_BASE: 'u:pw@h', LATCHKEY_PUBLIC_URL: 'u:pw@h', LATCHKEY_DATABASE_URL: 'u:pw@h' }
  expect(problemsOf(env)).toHaveLength(3)
  expect(JSON.stringify(problemsOf(env))).not.toContain('pw')
})

test('folders of device types must be there', () => {
  const gone = join(folder, 'gone')
  const own = ownFolder({ 'local.json': { devices: { typeFolders: [folder, gone] } } })
  expect(problemsOf({ NODE_CONFIG_DIR: own })).toEqual([
    {
      key: 'devices.typeFolders.1',
      source: join(own, 'local.json'),
      message: `${gone} cannot be read: there is no such file or folder`,
    },
  ])
})

test('a file of settings that cannot be read is named, and why', () => {
  const own = ownFolder({})
  mkdirSync(join(own, 'local.json'))
  expect(problemsOf({ NODE_CONFIG_DIR: own })).toEqual([
    { key: 'files', source: 'NODE_CONFIG_DIR', message: `${join(own, 'local.json')} cannot be read: it is a folder` },
  ])
  const tooLong = `/${'x'.repeat(300)}`
  expect(problemsOf({ NODE_CONFIG_DIR: tooLong })).toEqual([
    { key: 'files', source: 'NODE_CONFIG_DIR', message: `${tooLong} cannot be used: its name is too long` },
  ])
})

test('every setting in force is shown with its source, and secrets are masked', () => {
  const { settings } = readConfig({ env: { ...wechat, LATCHKEY_MQTT_PORT: '1' }, configDir })
  const shown = new Map(settings.map(setting => [setting.key, setting]))
  expect(shown.get('mqtt.port')).toEqual({ key: 'mqtt.port', value: 1, source: 'LATCHKEY_MQTT_PORT' })
  expect(shown.get('limits.wsOrigins')).toMatchObject({ value: [], source: join('config', 'default.json') })
  expect(shown.get('wechat.secret')).toEqual({ key: 'wechat.secret', value: '********', source: 'WECHAT_SECRET' })
  expect(JSON.stringify(settings)).not.toContain('hush')
})
