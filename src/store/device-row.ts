import type { Device } from '../domain/device.ts'
import type { Tables } from './tables.ts'

/** The columns of `device` that make a {@link Device}: never its secrets. */
export const deviceColumns = ['id', 'type', 'name', 'disabled', 'created_at_ms'] as const

/** A row of {@link deviceColumns} as the domain has it. */
export const parseDevice = (row: Pick<Tables['device'], (typeof deviceColumns)[number]>): Device => ({
  id: row.id,
  type: row.type,
  name: row.name,
  disabled: row.disabled !== 0,
  createdAtMs: row.created_at_ms,
})
