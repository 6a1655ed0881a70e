import { type Elsewhere, startElsewhere } from '../processes/elsewhere.ts'
import type { createAbuses } from './abuses.ts'

/** Who abuses a broker from another process, so that the broker's thread is the broker's alone. For an abuse of a test's own: `startElsewhere`. */
export const startAbuser = (): Promise<Elsewhere<ReturnType<typeof createAbuses>>> =>
  startElsewhere(new URL('./abuses.ts', import.meta.url), 'createAbuses')
