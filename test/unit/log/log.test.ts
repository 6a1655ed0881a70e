import { describe, expect, test } from 'vitest'
import { createLog } from '../../../src/log/create-log.ts'
import type { LogLine } from '../../../src/log/log.ts'
import type { LogLevel } from '../../../src/protocol/log-topic.ts'
import { ownMs } from '../../support/abuse/own-ms.ts'

function openLog({ pretty = false, level = 'info' }: { pretty?: boolean; level?: LogLevel } = {}) {
  const lines: string[] = []
  const log = createLog({ level, pretty, destination: { write: (line: string) => lines.push(line) } })
  const all = () => lines.map((line): Record<string, unknown> => JSON.parse(line))
  return { log, all, text: () => lines.join(''), first: () => all()[0] ?? {} }
}

/** A line as careless code might make it: the compiler would have refused it. */
const careless = (fields: Record<string, unknown>): LogLine => ({ event: 'stopped', ...fields })

describe('a line', () => {
  test('is one JSON object with level, time, event and sentence', () => {
    const { log, text, first } = openLog()
    log.info({ event: 'ready', ports: { mqtt: 1883, http: 8080 } }, 'ready')
    expect(first()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      event: 'ready',
      ports: { mqtt: 1883, http: 8080 },
      msg: 'ready',
    })
    expect(text().trimEnd().split('\n')).toHaveLength(1)
  })

  test('below the level is not written', () => {
    const { log, text } = openLog()
    log.debug(careless({ event: 'test' }), 'quiet')
    expect(text()).toBe('')
  })

  test('after close is not written and does no harm', async () => {
    const { log, text } = openLog()
    await log.close()
    log.error(careless({ event: 'test' }), 'late')
    expect(text()).toBe('')
  })
})

describe('fields', () => {
  test('that are not listed are dropped', () => {
    const { log, text, first } = openLog()
    log.info(careless({ password: 'hush', token: 'hush', openid: 'hush', payload: 'hush', count: 1 }), 'sentence')
    expect(first()).toEqual({ level: 'info', time: expect.any(String), event: 'stopped', count: 1, msg: 'sentence' })
    expect(text()).not.toContain('hush')
  })

  test('carry no objects, whatever their name', () => {
    const { log, text } = openLog()
    log.info(careless({ reason: { secret: 'hush' }, topic: ['hush'], ports: { mqtt: 'hush' } }), 'sentence')
    expect(text()).not.toContain('hush')
  })

  test('named like members of every object are dropped', () => {
    const { log, first } = openLog()
    log.info(careless(JSON.parse('{"__proto__": "x", "constructor": "y", "toString": "z"}')), 'sentence')
    expect(Object.keys(first())).toEqual(['level', 'time', 'event', 'msg'])
  })

  test('are cut after 256 characters', () => {
    const { log, first } = openLog()
    log.info(careless({ event: 'test', topic: 'x'.repeat(257), reason: 'y'.repeat(256) }), 'sentence')
    expect(first()).toMatchObject({ topic: `${'x'.repeat(256)}…`, reason: 'y'.repeat(256) })
  })

  test('as long as a packet cost no time to look at', () => {
    const { log } = openLog()
    const startedMs = ownMs()
    log.info(
      careless({ event: 'test', topic: 'a.'.repeat(1_000_000), reason: 'eyJ-'.repeat(500_000) }),
      'a://'.repeat(500_000),
    )
    expect(ownMs() - startedMs).toBeLessThan(1000)
  })
})

describe('secrets in text', () => {
  test.each([
    ['the query of an address', 'GET https://api.example/sns?appid=a&secret=hush failed'],
    ['user and password of an address', 'connect postgres://me:hush@db.example/x'],
    ['a token', 'bad eyJhbGciOiJFUzI1NiJ9.hush-aGFycnk.c2ln'],
    ['a named secret', 'js_code=hush and {"session_key":"hush"}'],
  ])('hides %s', (_what, sentence) => {
    const { log, text } = openLog()
    log.info(
      careless({ event: 'test', reason: sentence, err: new Error(sentence, { cause: new Error(sentence) }) }),
      sentence,
    )
    expect(text()).not.toContain('hush')
  })

  test('leaves ordinary words alone', () => {
    const { log, first } = openLog()
    log.info(careless({ event: 'test', reason: 'token: expired', topic: 'app/a?b=c' }), 'the secret is wrong')
    expect(first()).toMatchObject({ reason: 'token: expired', topic: 'app/a?b=c', msg: 'the secret is wrong' })
  })
})

describe('an error', () => {
  test('is type, message, code and stack, with its causes, and nothing else it carries', () => {
    const { log, first, text } = openLog()
    const cause = new RangeError('inner')
    const err = Object.assign(new TypeError('outer', { cause }), { code: 'E_OUTER', config: { secret: 'hush' } })
    log.error({ event: 'fault', err }, 'failed')
    expect(first().err).toEqual({
      type: 'TypeError',
      message: 'outer',
      code: 'E_OUTER',
      stack: expect.stringMatching(/^TypeError: outer\n[\s\S]*caused by: RangeError: inner\n/),
    })
    expect(text()).not.toContain('hush')
  })

  test('that is no Error keeps only what is text', () => {
    const { log, first } = openLog()
    log.error({ event: 'fault', err: 'plain' }, 'failed')
    expect(first().err).toEqual({ type: 'string', message: 'plain' })
  })

  test('that is its own cause ends', () => {
    const { log, first } = openLog()
    const err = new Error('round')
    err.cause = err
    log.error({ event: 'fault', err }, 'failed')
    expect(first().err).toMatchObject({ message: 'round' })
  })
})

describe.each([{ pretty: false }, { pretty: true }])('hostile text, %o', options => {
  test('can neither break a line nor drive a terminal', () => {
    const { log, text } = openLog(options)
    const hostile = 'a\u001b[2J\r\nb\u0007\u009b31m\u2028\u202e\u0000\ud800\u007f'
    log.warn(careless({ event: 'test', clientId: hostile, topic: hostile, username: hostile }), hostile)
    const body = text().trimEnd()
    expect(body.split('\n')).toHaveLength(1)
    expect(body).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e\ud800]/)
    expect(body).toContain('u001b[2J')
  })
})

describe('for people', () => {
  test('a line is time, level, sentence and fields, without JSON', () => {
    const { log, text } = openLog({ pretty: true })
    log.warn(
      careless({ event: 'test', clientId: 'c1', reason: 'two words', ports: { mqtt: 1, http: 2 } }),
      'publish refused',
    )
    expect(text()).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: publish refused ports=mqtt:1,http:2 clientId=c1 reason="two words"\n$/,
    )
  })

  test("an error's stack stands below its line", () => {
    const { log, text } = openLog({ pretty: true })
    log.error({ event: 'fault', err: new Error('why') }, 'failed')
    expect(text()).toMatch(/ERROR: failed\n {4}Error: why\n {8}at /)
  })
})

test('the level changes while it runs', () => {
  const { log, all } = openLog()
  log.setLevel('debug')
  log.debug({ event: 'stopped' }, 'heard')
  log.setLevel('error')
  log.warn({ event: 'stopped' }, 'not heard')
  expect(log.level()).toBe('error')
  expect(all().map(({ msg }) => msg)).toEqual(['heard'])
})

test('a tap is shown the clean lines it wants, whatever is written, and costs nothing once it is gone', () => {
  const { log, all } = openLog({ level: 'error' })
  const taken: unknown[] = []
  const wanted: string[] = []
  log.tap({
    wants: (level, event) => {
      wanted.push(`${level} ${event}`)
      return level === 'info'
    },
    take: (...line) => taken.push(line),
  })
  log.info(careless({ event: 'stopped', reason: '\u0007', password: 'hush' }), 'heard')
  log.debug({ event: 'stopped' }, 'not wanted')
  log.tap(undefined)
  log.info({ event: 'stopped' }, 'too late')
  expect(taken).toEqual([['info', { event: 'stopped', reason: '\\u0007' }, 'heard']])
  expect(wanted).toEqual(['info stopped', 'debug stopped'])
  expect(all()).toEqual([])
})
