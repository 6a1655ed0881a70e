import { databases } from '../../data-folder/data-files.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import type { Meters } from '../../ops/metrics/meters.ts'
import type { AppBackend, BackendOverrides } from './open-backend.ts'

/** A request is answered within three seconds, even while another process locks the database. */
const lockPatienceMs = 3000
const file = databases.accounts

/** How a broker, which must not keep clients waiting, uses the accounts database. */
export const accountsFile = (events: Events, meters: Meters): NonNullable<BackendOverrides['database']> => ({
  lockPatienceMs,
  onWritten: durationMs => meters.committed(file, durationMs),
  onLocked: () => void events.emit('database-locked', { file }),
  onFree: lockedMs => void events.emit('database-free', { file, lockedMs }),
})

/** From now on, has what other processes (the command line) change in it followed, and takes up their keys. */
export function followOtherProcesses({ store, keys }: AppBackend, events: Events, orders: Orders): void {
  store.onChangedElsewhere(() => {
    keys.reload().catch(cause => events.emit('fault', { where: 'reading the signing keys again', cause }))
    void orders.give('store-changed-elsewhere', {})
  })
}
