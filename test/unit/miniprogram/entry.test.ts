import { describe, expect, it } from 'vitest'
import { parseEntry, parsePrinted, slidTo } from '../../../miniprogram/app/services/entry.ts'
import { newPasswordProblem } from '../../../src/protocol/new-password.ts'

const number = { kind: 'number' as const, min: 0, max: 50, step: 0.1 }

it('a slider that adds its steps up gives the decimal number that was meant', () => {
  const positions = Array.from({ length: 301 }, (_, i) => 5 + i * 0.1)
  expect(positions.map(slidTo)).toEqual(positions.map(position => Number(position.toFixed(1))))
})

describe('what somebody typed', () => {
  it('is a number within the bounds, with a point or a comma', () => {
    expect(parseEntry(number, ' 21,5 ')).toBe(21.5)
    expect(parseEntry(number, '50')).toBe(50)
    expect(parseEntry(number, '１２，５')).toBe(12.5)
    expect(parseEntry({ ...number, min: -20 }, '−3')).toBe(-3)
  })

  it.each(['', ' ', 'warm', '51', '-1', 'Infinity', '0x'])(
    'is refused where it is no number the device takes: %j',
    typed => {
      expect(parseEntry(number, typed)).toBeUndefined()
    },
  )

  it.each(['Ａｂ１２－ＣＤ３４', ' Ab12 - CD34 ', '\u202aAb12–CD34\u202c', 'Ab12\u3000—CD34\u200b'])(
    'is the code that was printed: %j',
    typed => {
      expect(parsePrinted(typed)).toBe('Ab12-CD34')
    },
  )

  it('is whole where only whole numbers are taken', () => {
    expect(parseEntry({ ...number, step: 1 }, '2.5')).toBeUndefined()
  })

  it('is the text itself for a text', () => {
    expect(parseEntry({ ...number, kind: 'text' }, ' as it is ')).toBe(' as it is ')
  })

  it('is no new password when it is short or not the same twice', () => {
    expect(newPasswordProblem('1234567', '1234567')).toBe('tooShort')
    expect(newPasswordProblem('12345678', '12345679')).toBe('different')
    expect(newPasswordProblem('密码密码密码密码', '密码密码密码密码')).toBeUndefined()
  })
})
