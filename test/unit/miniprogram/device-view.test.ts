import { describe, expect, it } from 'vitest'
import { deviceView } from '../../../miniprogram/app/services/device-view.ts'
import type { Device } from '../../../miniprogram/app/services/devices.ts'
import { clockTime } from '../../../miniprogram/app/services/times.ts'

const now = 1_800_000_000_000
const heater: Device = {
  id: 'heat-1',
  type: 'heater',
  name: 'Study',
  role: 'owner',
  online: true,
  since: now - 3_600_000,
  state: { on: true, temperature: 20.5, target: 25, firmware: '1.4.2', rssi: -61 },
  pending: [],
  model: {
    '@context': 'https://www.w3.org/2022/wot/td/v1.1',
    '@type': 'tm:ThingModel',
    title: 'Heater',
    titles: { en: 'Heater', 'zh-CN': '取暖器' },
    properties: {
      on: { type: 'boolean', title: 'Power' },
      boost: { type: 'boolean', title: 'Boost' },
      temperature: { type: 'number', unit: '°C', readOnly: true },
      target: { type: 'number', minimum: 5, maximum: 35, multipleOf: 0.5, unit: '°C' },
      firmware: { type: 'string', readOnly: true, title: 'Firmware' },
      rssi: { type: 'integer', unit: 'dBm', readOnly: true, title: 'Signal' },
    },
  },
}
const namesOf = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)

describe('the page of a device', () => {
  it('shows what is used up of what counts it', () => {
    const gas = { type: 'number', unit: 'm³', readOnly: true, title: 'Gas' } as const
    const properties = { ...heater.model.properties, gas }
    expect(deviceView(heater, 'en', now).counters).toEqual([])
    const withGas = { ...heater, model: { ...heater.model, properties } }
    expect(deviceView(withGas, 'en', now).counters).toEqual([{ name: 'gas', label: 'Gas', unit: 'm³' }])
  })

  it('has the switch of the whole device and the temperature to keep apart from its other controls', () => {
    const view = deviceView(heater, 'en', now)
    expect(view.power).toMatchObject({ name: 'on', value: true })
    expect(view.dial).toMatchObject({ name: 'target', shown: '25 °C', now: '20.5 °C', filled: 66.7 })
    expect(namesOf(view.controls)).toEqual(['boost'])
    expect(namesOf(view.readings)).toEqual(['temperature'])
  })

  it('shows what the device says of itself as information, with its type and when it was last seen', () => {
    expect(deviceView(heater, 'en', now).facts).toEqual([
      { label: 'Type', value: 'Heater' },
      { label: 'Firmware', value: '1.4.2' },
      { label: 'Signal', value: '-61 dBm' },
      { label: 'Last seen', value: 'Now' },
    ])
    const gone = deviceView({ ...heater, online: false }, 'zh-CN', now).facts
    expect(gone.at(-1)?.value).toContain(clockTime(heater.since))
    expect(deviceView({ ...heater, online: false, since: 0 }, 'en', now).facts.at(-1)?.value).toBe('Not seen yet')
  })

  it('is coloured while it is on, or online where it has no switch', () => {
    const lit = (more: Partial<Device>) => deviceView({ ...heater, ...more }, 'en', now).lit
    expect(lit({})).toBe(true)
    expect(lit({ state: { on: false } })).toBe(false)
    expect(lit({ online: false })).toBe(false)
    const { temperature } = heater.model.properties
    if (!temperature) throw new Error('the model has lost its temperature')
    expect(lit({ state: {}, model: { ...heater.model, properties: { temperature } } })).toBe(true)
  })

  it('says why it cannot be controlled', () => {
    const why = (more: Partial<Device>) => deviceView({ ...heater, ...more }, 'en', now).whyNot
    expect(why({})).toBe('')
    expect(why({ role: 'viewer' })).toBe('You can look at this device, but not control it.')
    expect(why({ online: false })).toContain('offline')
    expect(why({ online: false, role: 'viewer' })).toContain('You can look')
  })

  it('asks for the history of numbers first', () => {
    expect(namesOf(deviceView(heater, 'en', now).recorded)).toEqual(['temperature', 'target', 'rssi', 'on', 'boost'])
  })
})
