import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'

const configDir = 'config'

test("without WeChat's settings nobody but this machine is let in, unless that is asked for by name", () => {
  const load = (env: Record<string, string>) => () => loadConfig({ env, configDir })
  for (const host of ['127.0.0.1', '127.0.0.7', '::1', 'localhost'])
    expect(load({ LATCHKEY_HOST: host })().wechat.standIn).toBe('loopback')
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com']) {
    expect(load({ LATCHKEY_HOST: host }), host).toThrow(
      /^host \(LATCHKEY_HOST\): is not loopback, .*LATCHKEY_WECHAT_STAND_IN/,
    )
    expect(load({ LATCHKEY_HOST: host, LATCHKEY_WECHAT_STAND_IN: 'anybody' })().host).toBe(host)
    expect(load({ LATCHKEY_HOST: host, WECHAT_APPID: 'wx1', WECHAT_SECRET: 's' })().host).toBe(host)
  }
  expect(load({ LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' })).toThrow(
    /^trustedProxies \(LATCHKEY_TRUSTED_PROXIES\): lets others in/,
  )
  expect(load({ LATCHKEY_TRUSTED_PROXIES: '' })().trustedProxies).toEqual([])
})

test('trusted proxies are addresses and networks, with commas between; anything else is refused by the name of its variable', () => {
  const load = (proxies: string) => () =>
    loadConfig({ env: { LATCHKEY_TRUSTED_PROXIES: proxies, LATCHKEY_WECHAT_STAND_IN: 'anybody' }, configDir })
  expect(load('127.0.0.1, 10.0.0.0/8,fd00::/8')().trustedProxies).toEqual(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
  for (const wrong of ['10.0.0.0/99', 'example.com', '10.0.0.1;10.0.0.2'])
    expect(load(wrong), wrong).toThrow(
      /^trustedProxies\.\d \(LATCHKEY_TRUSTED_PROXIES\): must be an IP address, or a network such as 10\.0\.0\.0\/8, not "/,
    )
})
