import type { DeviceView, ListedDevice } from '../../../src/protocol/operations/device.ts'

/** Gives each device of a list with `models: "once"` its model: that of the first device of its type. A device without a model is left out. */
export function withModels(listed: readonly ListedDevice[]): DeviceView[] {
  const models = new Map<string, DeviceView['model']>()
  return listed.flatMap(device => {
    const model = models.get(device.type) ?? device.model
    if (!model) return []
    models.set(device.type, model)
    return [{ ...device, model }]
  })
}
