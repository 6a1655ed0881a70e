import type { Locale } from '../../../src/protocol/codes.ts'
import { textsIn } from '../texts/texts-in.ts'
import { iconOf, offlineText } from './card.ts'
import { type ActionControl, actionControls, type Control, propertyControls, titleOf } from './controls.ts'
import type { Device } from './devices.ts'
import { dayAndTime } from './times.ts'

/** A device as its own page shows it, ready for `setData`. */
export interface DeviceView {
  readonly id: string
  readonly name: string
  readonly icon: string
  readonly role: Device['role']
  readonly roleText: string
  readonly online: boolean
  readonly presence: string
  /** Online and, if it can be switched, on: its picture is coloured. */
  readonly lit: boolean
  readonly canControl: boolean
  /** Why it cannot be controlled now; empty when it can. */
  readonly whyNot: string
  /** The switch of the whole device; its name is empty when there is none. */
  readonly power: Partial<Control>
  /** The target temperature, and the measured one; the name is empty when there is none. */
  readonly dial: Partial<Control> & { readonly now?: string }
  readonly controls: readonly Control[]
  readonly readings: readonly Control[]
  /** Information about the device: what it reports about itself, and what is known about it. */
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  /** The properties with a history: numeric and boolean ones. */
  readonly recorded: readonly { readonly name: string; readonly label: string }[]
  /** Counters of what is used. */
  readonly counters: readonly { readonly name: string; readonly label: string; readonly unit: string }[]
}

/** Properties that are about the device itself, not readings of the world around it. */
const ofItself = ['firmware', 'firmwareVersion', 'rssi', 'signal', 'signalStrength']
const usedUp = ['Wh', 'kWh', 'MWh', 'm³']
const temperatures = ['°C', '℃', '°F', '℉']

/** Draws a device from its thing model. */
export function deviceView(device: Device, locale: Locale, nowMs: number): DeviceView {
  const { common, device: t } = textsIn(locale)
  const all = propertyControls(device.model, device.state, device.pending, locale)
  const isRecorded = ({ name }: Control) =>
    ['number', 'integer', 'boolean'].includes(device.model.properties[name]?.type ?? '')
  const isNumber = ({ name }: Control) => device.model.properties[name]?.type !== 'boolean'
  const power = all.find(({ name, kind }) => kind === 'switch' && name === 'on')
  const dial = all.find(({ kind, unit }) => kind === 'slider' && temperatures.includes(unit))
  const now = all.find(({ kind, unit }) => dial && kind === 'read-only' && unit === dial.unit)
  const isOfItself = ({ name, kind }: Control) => kind === 'read-only' && ofItself.includes(name)
  const isReading = (control: Control) => control.kind === 'read-only' && !isOfItself(control)
  const recorded = all.filter(isRecorded).sort((a, b) => Number(isNumber(b)) - Number(isNumber(a)))
  const presence = device.online ? common.online : offlineText(device, locale, nowMs)
  return {
    id: device.id,
    name: device.name,
    icon: iconOf(device.type),
    role: device.role,
    roleText: common[device.role],
    online: device.online,
    presence,
    lit: device.online && power?.value !== false,
    canControl: device.online && device.role !== 'viewer',
    whyNot: device.role === 'viewer' ? t.viewerNote : device.online ? '' : t.offlineNote,
    power: power ?? {},
    dial: dial ? { ...dial, now: now?.shown ?? '' } : {},
    controls: all.filter(control => control.kind !== 'read-only' && control !== power && control !== dial),
    readings: all.filter(isReading),
    facts: [
      { label: t.type, value: titleOf(device.model, device.type, locale) },
      ...all.filter(isOfItself).map(({ label, shown }) => ({ label, value: shown || '–' })),
      { label: t.lastSeen, value: device.online ? t.now : device.since === 0 ? presence : dayAndTime(device.since) },
    ],
    recorded: recorded.map(({ name, label }) => ({ name, label })),
    counters: all
      .filter(control => control.kind === 'read-only' && isRecorded(control) && usedUp.includes(control.unit))
      .map(({ name, label, unit }) => ({ name, label, unit })),
  }
}

/** The actions of a device, with what was typed into their fields so far. */
export const actionsView = (
  device: Device,
  typed: Readonly<Record<string, Readonly<Record<string, Control['value']>>>>,
  locale: Locale,
): ActionControl[] => actionControls(device.model, locale, (action, field) => typed[action]?.[field])
