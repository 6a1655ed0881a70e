import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { importPlatform } from './wx.ts'

const { createAppLifecycle } = await importPlatform('app-lifecycle')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function create() {
  let change: (network: { isConnected: boolean; networkType: string }) => void = () => {}
  vi.stubGlobal('wx', {
    onNetworkStatusChange: (listener: typeof change) => {
      change = listener
    },
  })
  const told: string[] = []
  const lifecycle = createAppLifecycle({
    shown: () => void told.push('shown'),
    hidden: () => void told.push('hidden'),
    networkChanged: isConnected => void told.push(isConnected ? 'network' : 'no network'),
  })
  const network = (networkType: string) => change({ isConnected: networkType !== 'none', networkType })
  return { lifecycle, told, network }
}

test('a change of network is told when it has settled, and only what came of it', () => {
  const { told, network } = create()
  network('none')
  vi.advanceTimersByTime(499)
  network('4g')
  vi.advanceTimersByTime(499)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told).toEqual(['network'])
  network('4g')
  vi.advanceTimersByTime(500)
  expect(told).toEqual(['network'])
  network('wifi')
  vi.advanceTimersByTime(500)
  network('none')
  vi.advanceTimersByTime(500)
  expect(told).toEqual(['network', 'network', 'no network'])
})

test('coming and going are told at once', () => {
  const { lifecycle, told } = create()
  lifecycle.onHide()
  lifecycle.onShow()
  expect(told).toEqual(['hidden', 'shown'])
})
