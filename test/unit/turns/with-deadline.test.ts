import { expect, test, vi } from 'vitest'
import { withDeadline } from '../../../src/turns/with-deadline.ts'

test('what ends in time is passed on, and what fails in time is too', async () => {
  await expect(withDeadline(Promise.resolve(7), 1000, 'too late')).resolves.toBe(7)
  await expect(withDeadline(Promise.reject(new Error('broken')), 1000, 'too late')).rejects.toThrow('broken')
})

test('what takes longer is refused with the sentence, and no timer is left of either', async () => {
  vi.useFakeTimers()
  try {
    const late = withDeadline(new Promise(() => {}), 1000, 'too late')
    const refused = expect(late).rejects.toThrow('too late')
    await vi.advanceTimersByTimeAsync(1000)
    await refused
    await withDeadline(Promise.resolve(), 1000, 'too late')
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
