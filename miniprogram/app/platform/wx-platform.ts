import type { Platform } from '../services/platform.ts'
import { createWxSocket } from './wx-socket.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** The phone, as WeChat offers it. The services use `wx` only through this. */
export function createWxPlatform(): Platform {
  return {
    loginCode: () =>
      new Promise((resolve, reject) => {
        wx.login({
          success: ({ code, errMsg }) => (code ? resolve(code) : reject(new Error(errMsg))),
          fail: ({ errMsg }) => reject(new Error(errMsg)),
        })
      }),
    openSocket: createWxSocket,
    storage: {
      get(key) {
        const stored: unknown = wx.getStorageSync(key)
        return typeof stored === 'string' && stored !== '' ? stored : undefined
      },
      set: keeping((key, text) => wx.setStorageSync(key, text)),
      remove: keeping(key => wx.removeStorageSync(key)),
    },
    language: () => wx.getAppBaseInfo().language,
    now: () => Date.now(),
    random: length =>
      Array.from({ length }, () => alphabet.charAt(Math.floor(Math.random() * alphabet.length))).join(''),
  }
}

/** A phone whose storage is full goes on; at the next start it signs in by WeChat again. */
const keeping =
  <Given extends string[]>(keep: (...given: Given) => void) =>
  (...given: Given): void => {
    try {
      keep(...given)
    } catch (cause) {
      console.error('the storage of this phone cannot be written', cause)
    }
  }
