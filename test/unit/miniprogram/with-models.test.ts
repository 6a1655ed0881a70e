import { expect, test } from 'vitest'
import { withModels } from '../../../miniprogram/app/services/with-models.ts'
import type { ListedDevice } from '../../../src/protocol/operations/device.ts'

const model = (title: string) => ({ '@context': '', '@type': 'tm:ThingModel', title, properties: {} }) as const
const device = (id: string, type: string, title?: string): ListedDevice => ({
  ...{ id, type, name: id, role: 'owner', online: true, since: 1, state: {} },
  ...(title !== undefined && { model: model(title) }),
})

test('every device has the model of its type, told once or, by a broker of before, with each', () => {
  const titles = (listed: readonly ListedDevice[]) => withModels(listed).map(({ id, model: { title } }) => [id, title])
  const wanted = [
    ['a', 'Lamp'],
    ['b', 'Plug'],
    ['c', 'Lamp'],
  ]
  expect(titles([device('a', 'lamp', 'Lamp'), device('b', 'plug', 'Plug'), device('c', 'lamp')])).toEqual(wanted)
  expect(titles([device('a', 'lamp', 'Lamp'), device('b', 'plug', 'Plug'), device('c', 'lamp', 'Lamp')])).toEqual(
    wanted,
  )
})
