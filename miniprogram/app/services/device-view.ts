import type { Locale } from '../../../src/protocol/codes.ts'
import { textsIn } from '../texts/texts-in.ts'
import { iconOf, offlineText } from './card.ts'
import { type ActionControl, actionControls, type Control, propertyControls } from './controls.ts'
import type { Device } from './devices.ts'

/** A device as its own page shows it, ready for `setData`. */
export interface DeviceView {
  readonly id: string
  readonly name: string
  readonly icon: string
  readonly role: Device['role']
  readonly roleText: string
  readonly online: boolean
  readonly presence: string
  readonly canControl: boolean
  readonly controls: readonly Control[]
  readonly readings: readonly Control[]
  /** What history may be asked of: the numeric and boolean properties. */
  readonly recorded: readonly { readonly name: string; readonly label: string }[]
}

/** Draws a device from its thing model. */
export function deviceView(device: Device, locale: Locale, nowMs: number): DeviceView {
  const { common } = textsIn(locale)
  const all = propertyControls(device.model, device.state, device.pending, locale)
  const isRecorded = ({ name }: Control) =>
    ['number', 'integer', 'boolean'].includes(device.model.properties[name]?.type ?? '')
  return {
    id: device.id,
    name: device.name,
    icon: iconOf(device.type),
    role: device.role,
    roleText: common[device.role],
    online: device.online,
    presence: device.online ? common.online : offlineText(device, locale, nowMs),
    canControl: device.online && device.role !== 'viewer',
    controls: all.filter(control => control.kind !== 'read-only'),
    readings: all.filter(control => control.kind === 'read-only'),
    recorded: all.filter(isRecorded).map(({ name, label }) => ({ name, label })),
  }
}

/** The actions of a device, with what was typed into their fields so far. */
export const actionsView = (
  device: Device,
  typed: Readonly<Record<string, Readonly<Record<string, Control['value']>>>>,
  locale: Locale,
): ActionControl[] => actionControls(device.model, locale, (action, field) => typed[action]?.[field])
