import { databases } from '../../data-folder/data-files.ts'
import type { NewerLooks } from '../../data-folder/newer-folder.ts'
import { isOfNewerProgram } from '../../persistence/mqtt-schema.ts'
import { unknownMigrations } from '../../store/inspection/unknown-migrations.ts'

/** Recognises databases that a newer version wrote. */
export const newerLooks: NewerLooks = {
  [databases.accounts]: sqlite => unknownMigrations(sqlite).length > 0,
  [databases.mqtt]: isOfNewerProgram,
}
