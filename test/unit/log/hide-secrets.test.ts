import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hideSecrets } from '../../../src/log/hide-secrets.ts'
import { harmlessText } from '../../../src/log/log.ts'
import { ownMs } from '../../support/abuse/own-ms.ts'

const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln-bmF0_dXJl'

test.each([
  ['http://u:p@host/path', 'http://host/path'],
  ['https://host/path?token=abc#there', 'https://host/path?…'],
  ['see https://host/#/page and more', 'see https://host/?… and more'],
  ['https://host/path?', 'https://host/path?'],
  ['a "wss://u@h/x?y" b', 'a "wss://h/x?…" b'],
  ['http://a/http://u:p@b', 'http://a/http://b'],
  [`Bearer ${token} x`, 'Bearer [token] x'],
  [`x-${token}`, 'x-[token]'],
  ['eyJ is no token', 'eyJ is no token'],
  ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', '[token]'],
  ['password=hush', 'password=[hidden]'],
  ['{"password": "hush","on":true}', '{"password": [hidden],"on":true}'],
  ['secret = hush, token: kept', 'secret = [hidden], token: kept'],
])('%j becomes %j', (text, hidden) => {
  expect(hideSecrets(text)).toBe(hidden)
})

test('text of letters, digits, spaces and the signs of addresses hides nothing and breaks no line: the log writes it as it is', () => {
  const parts = fc.constantFrom(
    'token',
    'secret',
    'password',
    ': ',
    ':',
    '.',
    ',',
    '-',
    '_',
    ' ',
    '127.0.0.1',
    '2001:db8::1',
    'a',
    '9',
    'https:',
  )
  fc.assert(
    fc.property(fc.array(parts), words => {
      const text = words.join('')
      expect(harmlessText(hideSecrets(text))).toBe(text)
    }),
  )
})

/** What each pattern takes longest over: it begins everywhere and ends nowhere. */
test.each([
  ['addresses in addresses', 'a://'],
  ['addresses with credentials that do not end', 'a://b:c'],
  ['beginnings of credentials', '://b'],
  ['what could be a scheme', 'a.'],
  ['beginnings of tokens', 'eyJ-'],
  ['beginnings of tokens with a dot', 'eyJ.'],
  ['names of secrets', 'token '],
  ['names of secrets and signs', 'token="'],
  ['a name of a secret and spaces', ' '],
  ['quotes', '"\''],
  ['one letter', 'a'],
])('64 KiB of %s take no longer for each character than a few', (_, part) => {
  const textOf = (bytes: number) => `token${part.repeat(Math.ceil(bytes / part.length))}`
  const costOf = (text: string, times: number) => {
    const startedMs = ownMs()
    for (let i = 0; i < times; i++) hideSecrets(text)
    return (ownMs() - startedMs) / times
  }
  const [few, many] = [textOf(2048), textOf(65_536)]
  costOf(few, 200) // compiled
  // Thirty-two times as long; a pattern that goes over it again and again would take a thousand times as long.
  expect(costOf(many, 10)).toBeLessThan(100 * Math.max(costOf(few, 200), 0.01))
})
