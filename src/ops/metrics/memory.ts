import { getHeapStatistics } from 'node:v8'

/** Bytes that the process has of the machine's memory; 0 while that cannot be read, for want of a descriptor. */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}

/** Bytes of JavaScript's heap in use. */
export const heapBytes = (): number => getHeapStatistics().used_heap_size
