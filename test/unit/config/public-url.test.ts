import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'

const load = (publicUrl: string) => loadConfig({ env: { LATCHKEY_PUBLIC_URL: publicUrl }, configDir: 'config' })

test('without it nothing is assumed', () => {
  expect(load('').publicUrl).toBeUndefined()
})

test.each([
  ['https://iot.example.com', 'https://iot.example.com'],
  ['https://iot.example.com/', 'https://iot.example.com'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['https://example.com/iot/', 'https://example.com/iot'],
  ['https://example.com/iot//', 'https://example.com/iot'],
  ['wss://example.com/iot/mqtt', 'https://example.com/iot'],
  ['ws://[2001:db8::1]:8080/mqtt', 'http://[2001:db8::1]:8080'],
  ['WSS://IoT.Example.com:8443', 'https://iot.example.com:8443'],
  ['https://物联.example.com', 'https://xn--g2xw01a.example.com'],
])('%s is read as %s', (given, read) => {
  expect(load(given).publicUrl).toBe(read)
})

test.each([
  ['iot.example.com', /must be an address such as https:\/\/iot\.example\.com$/],
  ['https://', /must be an address/],
  ['https:iot.example.com', /must be an address/],
  ['https://iot.example.com /', /must be an address/],
  ['https://iot.example.com ', /must be an address/],
  ['https://iot.example.com/a b', /must be an address/],
  ['mqtts://iot.example.com', /must begin with https:\/\/, wss:\/\/, http:\/\/ or ws:\/\/$/],
  ['javascript:alert(1)', /must begin with/],
  ['https://ann:hush@iot.example.com', /must not hold a user name or a password$/],
  ['https://hush@iot.example.com', /must not hold a user name or a password$/],
  ['https://:hush@iot.example.com', /must not hold a user name or a password$/],
  ['https://iot.example.com/?a=1', /must not hold a query or a fragment/],
  ['https://iot.example.com/#', /must not hold a query or a fragment/],
])('%s is refused by the name of its variable, and not repeated', (given, message) => {
  expect(() => load(given)).toThrow(/^publicUrl \(LATCHKEY_PUBLIC_URL\): must/)
  expect(() => load(given)).toThrow(message)
  expect(() => load(given)).not.toThrow('hush')
})
