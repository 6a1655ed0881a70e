import { isJsonObject, type JsonValue } from '../../../src/protocol/json.ts'
import type { Device } from './devices.ts'
import type { Platform } from './platform.ts'

/** In which order devices are shown; favourites come first in each. */
export const sortings = ['added', 'name', 'type'] as const
export type Sorting = (typeof sortings)[number]

/** How the person wants their devices shown, on this phone. */
export interface Arrangement {
  readonly sorting: Sorting
  sort(by: Sorting): void
  isFavourite(deviceId: string): boolean
  /** Makes a device a favourite, or no longer. */
  toggleFavourite(deviceId: string): void
  /** The devices whose name, id or type contains `search`, in the chosen order. */
  arranged<T extends Pick<Device, 'id' | 'name' | 'type'>>(devices: readonly T[], search: string): T[]
  /** Calls back after every change. Returns a function that ends it. */
  onChange(listener: () => void): () => void
}

const key = 'arrangement'
const parsed = (text: string | undefined): JsonValue => {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/** Remembers the choice in the phone's storage. */
export function createArrangement({ storage }: Pick<Platform, 'storage'>): Arrangement {
  const listeners = new Set<() => void>()
  const kept = parsed(storage.get(key))
  const { sorting: by, favourites: ids } = isJsonObject(kept) ? kept : {}
  let sorting = sortings.find(each => each === by) ?? 'added'
  const favourites = new Set(Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [])

  function changed(): void {
    storage.set(key, JSON.stringify({ sorting, favourites: [...favourites] }))
    for (const listener of [...listeners]) listener()
  }

  /** Digits compare as numbers: lamp 2 comes before lamp 10. */
  const compare = (a: string, b: string) => a.localeCompare(b, undefined, { numeric: true, sensitivity: 'base' })

  return {
    get sorting() {
      return sorting
    },
    sort(wanted) {
      sorting = wanted
      changed()
    },
    isFavourite: id => favourites.has(id),
    toggleFavourite(id) {
      if (!favourites.delete(id)) favourites.add(id)
      changed()
    },
    arranged(devices, search) {
      const sought = search.trim().toLowerCase()
      const found = devices.filter(({ id, name, type }) =>
        [id, name, type].some(text => text.toLowerCase().includes(sought)),
      )
      const rank = (device: { id: string }) => (favourites.has(device.id) ? 0 : 1)
      return found
        .map((device, index) => ({ device, index }))
        .sort((a, b) => {
          const byRank = rank(a.device) - rank(b.device)
          if (byRank !== 0) return byRank
          const byType = sorting === 'type' ? compare(a.device.type, b.device.type) : 0
          const byName = sorting === 'added' ? 0 : compare(a.device.name, b.device.name)
          return byType || byName || a.index - b.index // by hand: old engines do not sort stably
        })
        .map(({ device }) => device)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
