import type { Locale } from '../../../src/protocol/codes.ts'
import { phrases } from '../texts/phrases.ts'
import { textsIn } from '../texts/texts-in.ts'
import { type Control, propertyControls } from './controls.ts'
import type { Device } from './devices.ts'

/** A device as a card of the home page, ready for `setData`. */
export interface Card {
  readonly id: string
  readonly name: string
  readonly icon: string
  readonly online: boolean
  /** The first switch of the device type; its name is empty when there is none. */
  readonly toggle: { readonly name: string; readonly label: string; readonly on: boolean; readonly pending: boolean }
  /** Whether the person may switch it now. */
  readonly canToggle: boolean
  /** Lit: online, and on where it can be switched. */
  readonly lit: boolean
  readonly isFavourite: boolean
  /** The most important values; or that it is off; or how long it has been offline. */
  readonly line: string
}

/** The device types that have an icon of their own (styles/icons.wxss); all others get a plain one. */
const icons = ['lamp', 'plug', 'thermostat', 'sensor']

export const iconOf = (type: string): string => (icons.includes(type) ? type : 'device')

/** Draws a card from the thing model: its first switch, and the first values that are no switch. */
export function cardOf(device: Device, locale: Locale, nowMs: number, isFavourite = false): Card {
  const controls = propertyControls(device.model, device.state, device.pending, locale)
  const toggle = controls.find(control => control.kind === 'switch')
  const on = toggle?.value === true
  const whileOnline = toggle?.value === false ? textsIn(locale).common.off : glance(controls)
  return {
    id: device.id,
    name: device.name,
    icon: iconOf(device.type),
    online: device.online,
    toggle: { name: toggle?.name ?? '', label: toggle?.label ?? '', on, pending: toggle?.pending ?? false },
    canToggle: device.online && device.role !== 'viewer',
    lit: device.online && (toggle ? on : true),
    isFavourite,
    line: device.online ? whileOnline : offlineText(device, locale, nowMs),
  }
}

/** The most important values, in one line. */
const glance = (controls: readonly Control[]): string =>
  controls
    .filter(control => control.kind !== 'switch' && control.hasValue)
    .slice(0, 2)
    .map(control => control.shown)
    .join(' · ')

/** How long a device has been offline, or that it was never seen. */
export const offlineText = ({ since }: Pick<Device, 'since'>, locale: Locale, nowMs: number): string =>
  since === 0 ? textsIn(locale).device.neverSeen : phrases[locale].offlineFor((nowMs - since) / 60_000)
