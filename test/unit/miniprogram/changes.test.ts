import { describe, expect, it } from 'vitest'
import { changes, entryChange } from '../../../miniprogram/app/services/changes.ts'

describe('what setData is given', () => {
  it('is nothing when nothing differs, whatever the order of keys', () => {
    expect(changes({ a: { x: 1, y: [2] }, b: 'kept' }, { a: { y: [2], x: 1 } })).toEqual({})
  })

  it('names only the entry of a list that differs', () => {
    expect(changes({ cards: [{ on: true }, { on: false }] }, { cards: [{ on: true }, { on: true }] })).toEqual({
      'cards[1]': { on: true },
    })
  })

  it('gives a list of another length whole', () => {
    expect(changes({ cards: [1, 2] }, { cards: [1] })).toEqual({ cards: [1] })
  })
})

describe('what setData is given for one entry', () => {
  const isB = (entry: { id: string }) => entry.id === 'b'

  it('is the path to it', () => {
    expect(entryChange('cards', [{ id: 'a' }, { id: 'b' }], isB, 'toggle.on', true)).toEqual({
      'cards[1].toggle.on': true,
    })
  })

  it('is nothing when the entry is gone', () => {
    expect(entryChange('cards', [{ id: 'a' }], isB, 'toggle.on', true)).toEqual({})
  })
})
