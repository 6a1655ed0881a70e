import { getHeapStatistics } from 'node:v8'

/** The resident memory of the process in bytes; 0 when it cannot be read for lack of a descriptor. */
export function residentBytes(): number {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}

/** Bytes in use on the JavaScript heap. */
export const heapBytes = (): number => getHeapStatistics().used_heap_size
