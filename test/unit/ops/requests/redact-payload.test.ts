import { expect, test } from 'vitest'
import { redactPayload } from '../../../../src/ops/requests/redact-payload.ts'

test.each([
  ['{"on":true,"wifi":{"password":"x","ssid":"home"}}', { on: true, wifi: { password: '[hidden]', ssid: 'home' } }],
  ['[{"apiKey":"x"},{"token":{"a":1}}]', [{ apiKey: '[hidden]' }, { token: '[hidden]' }]],
  ['{"code":0,"id":"7"}', { code: 0, id: '7' }],
  ['21.5', 21.5],
  ['not json', undefined],
  [`"${'x'.repeat(5000)}"`, undefined],
  ['['.repeat(2000) + ']'.repeat(2000), undefined],
])('%s', (payload, shown) => {
  expect(redactPayload('devices/d/event/e', Buffer.from(payload))).toEqual(shown)
})

test.each(['request/c/auth/signin', 'request/c/x', 'request/c/a/b/c/d'])('of %s nothing is shown', topic => {
  expect(redactPayload(topic, '{"on":true}')).toBeUndefined()
})
