import { describe, expect, it } from 'vitest'
import { cardOf } from '../../../miniprogram/app/services/card.ts'
import type { Device } from '../../../miniprogram/app/services/devices.ts'

const now = 1_800_000_000_000
const lamp: Device = {
  id: 'lamp-1',
  type: 'lamp',
  name: 'Hall',
  role: 'owner',
  online: true,
  since: now - 60_000,
  state: { on: true, brightness: 40, tint: 3000, extra: 1 },
  pending: [],
  model: {
    '@context': 'https://www.w3.org/2022/wot/td/v1.1',
    '@type': 'tm:ThingModel',
    title: 'Lamp',
    properties: {
      on: { type: 'boolean', title: 'Power' },
      brightness: { type: 'integer', minimum: 0, maximum: 100, unit: '%' },
      tint: { type: 'integer', unit: 'K' },
      extra: { type: 'integer' },
    },
  },
}

describe('a card of the home page', () => {
  it('shows the first switch, and the first two values that are no switch', () => {
    expect(cardOf(lamp, 'en', now)).toEqual({
      id: 'lamp-1',
      name: 'Hall',
      icon: 'lamp',
      online: true,
      toggle: { name: 'on', label: 'Power', on: true, pending: false },
      canToggle: true,
      lit: true,
      isFavourite: false,
      line: '40 % · 3000 K',
    })
  })

  it('says of a device that is off just that, not how bright it was', () => {
    expect(cardOf({ ...lamp, state: { on: false, brightness: 40 } }, 'en', now)).toMatchObject({
      lit: false,
      line: 'Off',
    })
    expect(cardOf({ ...lamp, state: { on: false } }, 'zh-CN', now).line).toBe('关')
  })

  it('says how long a device is offline instead of values that may be old, and does not light it', () => {
    const card = cardOf({ ...lamp, online: false, since: now - 3 * 3_600_000 }, 'en', now)
    expect(card).toMatchObject({ lit: false, canToggle: false, line: 'Offline for 3 hours' })
    expect(cardOf({ ...lamp, online: false, since: 0 }, 'zh-CN', now).line).toBe('尚未上线')
  })

  it('gives a viewer nothing to switch', () => {
    expect(cardOf({ ...lamp, role: 'viewer' }, 'en', now).canToggle).toBe(false)
  })

  it('has a plain icon for a device type it does not know, and no switch where there is none', () => {
    const pump = {
      ...lamp,
      type: 'pump',
      model: { ...lamp.model, properties: { flow: { type: 'number' as const, readOnly: true } } },
    }
    expect(cardOf(pump, 'en', now)).toMatchObject({ icon: 'device', toggle: { name: '' }, lit: true })
  })
})
