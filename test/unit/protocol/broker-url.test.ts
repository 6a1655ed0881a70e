import { expect, test } from 'vitest'
import { hostIn, mqttUrlOf } from '../../../src/protocol/broker-url.ts'

test.each([
  ['ws://[::1]:8080/mqtt', '[::1]'],
  ['wss://[2001:db8::5]/mqtt', '[2001:db8::5]'],
  ['wxs://[2001:db8::5]/mqtt', '[2001:db8::5]'],
])('the host of %s is %s', (url, hostname) => {
  expect(hostIn(url)).toEqual({ hostname })
})

test.each(['ws://127.0.0.1:8080/mqtt', 'wss://broker.example/mqtt', 'mqtt://[::1]:1883', 'nonsense'])(
  'of %s mqtt.js needs to be told nothing more',
  url => {
    expect(hostIn(url)).toEqual({})
  },
)

test.each([
  ['http://[::1]:8080', 'ws://[::1]:8080/mqtt'],
  ['https://example.com/', 'wss://example.com/mqtt'],
  ['https://example.com/home', 'wss://example.com/home/mqtt'],
  ['http://127.0.0.1:8080/mqtt', 'ws://127.0.0.1:8080/mqtt'],
  ['mqtt://[::1]:1883', 'mqtt://[::1]:1883'],
])('MQTT at %s is %s', (url, mqtt) => {
  expect(mqttUrlOf(url)).toBe(mqtt)
})
