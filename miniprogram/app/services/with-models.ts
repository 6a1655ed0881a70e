import type { DeviceView, ListedDevice } from '../../../src/protocol/operations/device.ts'

/** A list as `models: "once"` has it, each device with its model: that of the first of its type. A device without any is left out. */
export function withModels(listed: readonly ListedDevice[]): DeviceView[] {
  const models = new Map<string, DeviceView['model']>()
  return listed.flatMap(device => {
    const model = models.get(device.type) ?? device.model
    if (!model) return []
    models.set(device.type, model)
    return [{ ...device, model }]
  })
}
