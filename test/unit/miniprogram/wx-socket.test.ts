import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { importPlatform, stubSockets } from './wx.ts'

const { createWxSocket } = await importPlatform('wx-socket')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function open(options = {}) {
  const tasks = stubSockets(options)
  const heard = vi.fn()
  const socket = createWxSocket('wss://example.com/mqtt', ['mqtt'], heard)
  const [task] = tasks
  if (!task) throw new Error('no socket was opened')
  const told: string[] = []
  socket.onopen = () => void told.push('open')
  socket.onmessage = ({ data }) => void told.push(`message ${typeof data === 'string' ? data : data.byteLength}`)
  socket.onerror = () => void told.push('error')
  socket.onclose = ({ code }) => void told.push(`close ${code}`)
  return { socket, task, told, heard }
}

test('it sends exactly the bytes of a view, as an ArrayBuffer', () => {
  const { socket, task } = open()
  const whole = new Uint8Array([1, 2, 3, 4, 5])
  socket.send(whole) // not open yet
  task.opened()
  socket.send(whole.subarray(1, 3))
  expect(task.sent).toHaveLength(1)
  const [sent] = task.sent
  expect(sent?.data).toBeInstanceOf(ArrayBuffer)
  expect(sent?.data instanceof ArrayBuffer && [...new Uint8Array(sent.data)]).toEqual([2, 3])
})

test('it tells of opening, messages and its end, which is told once', () => {
  const { socket, task, told } = open()
  expect(socket.readyState).toBe(0)
  task.opened()
  expect(socket.readyState).toBe(1)
  task.received(new ArrayBuffer(3))
  task.ended(1001)
  task.ended(1006)
  task.failed()
  task.received('late')
  task.opened()
  socket.close()
  vi.runAllTimers()
  expect(told).toEqual(['open', 'message 3', 'close 1001'])
  expect(socket.readyState).toBe(3)
  expect(task.closed).toEqual([])
})

test('everything that arrives is heard, before it is told of, until the end', () => {
  const { socket, task, heard } = open()
  task.opened()
  expect(heard).not.toHaveBeenCalled()
  socket.onmessage = () => expect(heard).toHaveBeenCalledTimes(1)
  task.received(new ArrayBuffer(3))
  task.ended(1001)
  task.received(new ArrayBuffer(3))
  expect(heard).toHaveBeenCalledTimes(1)
})

test('its end is told a second after it was closed here, when WeChat never tells', () => {
  const { socket, task, told } = open()
  task.opened()
  socket.close()
  expect(task.closed).toEqual([{ code: 1000, reason: '' }])
  expect(socket.readyState).toBe(2)
  vi.advanceTimersByTime(999)
  expect(told).toEqual(['open'])
  vi.advanceTimersByTime(1)
  task.ended(1000)
  expect(told).toEqual(['open', 'close 1006'])
})

test('dropped, it is over at once, and WeChat’s socket is closed', () => {
  const { socket, task, told } = open()
  task.opened()
  socket.drop()
  socket.drop()
  expect(told).toEqual(['open', 'close 1006'])
  expect(task.closed).toHaveLength(1)
})

test('an error ends it, and so does a message that cannot be sent', () => {
  const connecting = open()
  connecting.task.failed()
  expect(connecting.told).toEqual(['error', 'close 1006'])
  const sending = open()
  sending.task.opened()
  sending.socket.send(new Uint8Array(1))
  const fail: unknown = sending.task.sent[0]?.fail
  if (typeof fail === 'function') fail({ errMsg: 'broken' })
  expect(sending.told).toEqual(['open', 'error', 'close 1006'])
})

test('a socket that WeChat refuses at once is told of like any other that fails', () => {
  const { told } = open({ refuses: true })
  vi.advanceTimersByTime(1)
  expect(told).toEqual(['error', 'close 1006'])
})
