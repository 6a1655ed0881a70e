import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadConfig, readConfig } from '../../../src/config/config.ts'

const unknownIn = (env: Record<string, string>) => loadConfig({ env, configDir: 'config' }).unknownVariables

test.each([
  ['LATCHKEY_MQTT_PROT', 'LATCHKEY_MQTT_PORT'],
  ['LATCHKEY_DATADIR', 'LATCHKEY_DATA_DIR'],
  ['LATCHKEY_TLS_CERTIFICATE', 'LATCHKEY_TLS_CERT'],
  ['LATCHKEY_TOKENS', 'LATCHKEY_TOKEN'],
  ['latchkey_host', 'LATCHKEY_HOST'],
  ['LATCH_KEY_HOST', 'LATCHKEY_HOST'],
  ['WECHAT_APP_ID', 'WECHAT_APPID'],
])('%s was meant to be %s', (variable, nearest) => {
  expect(unknownIn({ [variable]: 'x' })).toEqual([{ variable, nearest }])
})

test.each([
  'LATCHKEY_TOKEN',
  'LATCHKEY_REQUIRE_CHROMIUM',
  'LATCHKEY_FUZZ_SEED',
  'LATCHKEY_DEVICE_SECRET',
  'LATCHKEY_SERVICE_HOST',
  'LATCHKEY_SERVICE_PORT_MQTT',
  'LATCHKEY_PORT_1883_TCP_ADDR',
  'PATH',
  'HOST',
  'WECHAT_PAY_KEY',
])('%s is somebody’s, and nothing is said of it', variable => {
  expect(unknownIn({ [variable]: 'x' })).toEqual([])
})

test('what Kubernetes calls LATCHKEY_PORT is an address; a port of that name is a slip', () => {
  expect(unknownIn({ LATCHKEY_PORT: 'tcp://10.0.0.1:1883' })).toEqual([])
  expect(unknownIn({ LATCHKEY_PORT: '1883' })).toHaveLength(1)
})

test('one slip of the keyboard in any name is put right', () => {
  const name = fc.constantFrom('LATCHKEY_MQTT_PORT', 'LATCHKEY_LOG_LEVEL', 'LATCHKEY_LOCALE', 'LATCHKEY_DATA_DIR')
  const slip = fc.constantFrom('swap', 'leave out', 'double')
  fc.assert(
    fc.property(name, slip, fc.integer({ min: 9, max: 14 }), (meant, kind, at) => {
      const [before, one, two, after] = [meant.slice(0, at), meant[at], meant[at + 1], meant.slice(at + 2)]
      fc.pre(one !== two)
      const typed = `${before}${kind === 'swap' ? `${two}${one}` : kind === 'double' ? `${one}${one}${two}` : two}${after}`
      expect(unknownIn({ [typed]: '' })).toEqual([{ variable: typed, nearest: meant }])
    }),
  )
})

test('every variable has its setting', () => {
  const env = {
    LATCHKEY_DATA_DIR: 'd',
    LATCHKEY_HOST: '::1',
    LATCHKEY_TRUSTED_PROXIES: '10.0.0.1',
    LATCHKEY_LOCALE: 'en',
    LATCHKEY_MQTT_PORT: '1',
    LATCHKEY_HTTP_PORT: '2',
    LATCHKEY_HTTPS_PORT: '4',
    LATCHKEY_MQTTS_PORT: '3',
    WECHAT_APPID: 'wx1',
    WECHAT_SECRET: 'hush',
    WECHAT_API_BASE: 'https://wechat.example',
    LATCHKEY_WECHAT_STAND_IN: 'loopback',
    LATCHKEY_LOG_LEVEL: 'warn',
  }
  const { settings } = readConfig({ env, configDir: 'config' })
  const fromEnvironment = settings.filter(({ source }) => Object.hasOwn(env, source))
  expect(fromEnvironment.map(({ key, source }) => [key, source])).toEqual([
    ['dataDir', 'LATCHKEY_DATA_DIR'],
    ['host', 'LATCHKEY_HOST'],
    ['trustedProxies', 'LATCHKEY_TRUSTED_PROXIES'],
    ['locale', 'LATCHKEY_LOCALE'],
    ['mqtt.port', 'LATCHKEY_MQTT_PORT'],
    ['http.port', 'LATCHKEY_HTTP_PORT'],
    ['https.port', 'LATCHKEY_HTTPS_PORT'],
    ['tls.port', 'LATCHKEY_MQTTS_PORT'],
    ['wechat.standIn', 'LATCHKEY_WECHAT_STAND_IN'],
    ['wechat.base', 'WECHAT_API_BASE'],
    ['wechat.appid', 'WECHAT_APPID'],
    ['wechat.secret', 'WECHAT_SECRET'],
    ['log.level', 'LATCHKEY_LOG_LEVEL'],
  ])
})
