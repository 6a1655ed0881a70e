import { describe, expect, it } from 'vitest'
import { createArrangement } from '../../../miniprogram/app/services/arrangement.ts'

const devices = [
  { id: 'p-2', name: 'Lamp 10', type: 'lamp' },
  { id: 'p-1', name: 'lamp 2', type: 'lamp' },
  { id: 'p-3', name: 'Kettle', type: 'plug' },
  { id: 'heat', name: '卧室', type: 'thermostat' },
]
function onPhone(storage = new Map<string, string>()) {
  const arrangement = createArrangement({
    storage: {
      get: key => storage.get(key),
      set: (key, text) => void storage.set(key, text),
      remove: key => void storage.delete(key),
    },
  })
  return { storage, arrangement, ids: (search = '') => arrangement.arranged(devices, search).map(({ id }) => id) }
}

describe('how devices are arranged', () => {
  it('is as they were added, by name, or by type', () => {
    const { arrangement, ids } = onPhone()
    expect(ids()).toEqual(['p-2', 'p-1', 'p-3', 'heat'])
    arrangement.sort('name')
    expect(ids().slice(0, 3)).toEqual(['p-3', 'p-1', 'p-2'])
    arrangement.sort('type')
    expect(ids()).toEqual(['p-1', 'p-2', 'p-3', 'heat'])
  })

  it('has favourites first, and is remembered', () => {
    const { arrangement, storage } = onPhone()
    arrangement.toggleFavourite('heat')
    arrangement.sort('name')
    expect(onPhone(storage).ids()[0]).toBe('heat')
    arrangement.toggleFavourite('heat')
    expect(onPhone(storage).ids()[0]).toBe('p-3')
  })

  it('finds by name, id and type, however it is typed', () => {
    const { ids } = onPhone()
    expect(ids(' KETT')).toEqual(['p-3'])
    expect(ids('卧')).toEqual(['heat'])
    expect(ids('p-')).toHaveLength(3)
    expect(ids('Plug')).toEqual(['p-3'])
    expect(ids('no such')).toEqual([])
  })

  it('tells of every change, and does without what it cannot read', () => {
    const { arrangement, ids } = onPhone(new Map([['arrangement', '{"sorting":7,"favourites":[1,']]))
    expect(ids()).toHaveLength(4)
    let told = 0
    const end = arrangement.onChange(() => told++)
    arrangement.sort('type')
    arrangement.toggleFavourite('heat')
    end()
    arrangement.sort('name')
    expect(told).toBe(2)
  })
})
