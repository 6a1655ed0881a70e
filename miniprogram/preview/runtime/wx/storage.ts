import { textIn } from '../options.ts'
import type { Apis } from './apis.ts'

/** `wx`'s storage, kept in the browser's: each WeChat user has a phone of their own. */
export function storageApis({ create, record }: Apis, user: string): Record<string, unknown> {
  const prefix = `phone:${user}:`
  const read = (key: string): unknown => {
    const text = localStorage.getItem(prefix + key)
    return text === null ? undefined : JSON.parse(text)
  }
  const write = (key: string, data: unknown) => localStorage.setItem(prefix + key, JSON.stringify(data))
  const remove = (key: string) => localStorage.removeItem(prefix + key)
  const keys = () => Object.keys(localStorage).filter(key => key.startsWith(prefix))
  const clear = () => {
    for (const key of keys()) localStorage.removeItem(key)
  }
  const info = () => ({
    keys: keys().map(key => key.slice(prefix.length)),
    currentSize: Math.ceil(keys().reduce((size, key) => size + (localStorage.getItem(key)?.length ?? 0), 0) / 1024),
    limitSize: 10_240,
  })

  return {
    getStorageSync: record('getStorageSync', (key: string) => read(key) ?? ''),
    setStorageSync: record('setStorageSync', write),
    removeStorageSync: record('removeStorageSync', remove),
    clearStorageSync: clear,
    getStorageInfoSync: info,
    getStorage: create('getStorage', options => {
      const data = read(textIn(options, 'key'))
      if (data === undefined) throw new Error('data not found')
      return { data }
    }),
    setStorage: create('setStorage', options => write(textIn(options, 'key'), options.data)),
    removeStorage: create('removeStorage', options => remove(textIn(options, 'key'))),
    clearStorage: create('clearStorage', clear),
    getStorageInfo: create('getStorageInfo', info),
  }
}
