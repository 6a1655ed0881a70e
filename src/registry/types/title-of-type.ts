import { displayNameSchema } from '../../protocol/identifiers.ts'
import type { ThingModels } from './thing-models.ts'

/** What a device is called that nobody has named: the title of its thing model, or its type where there is none. */
export const titleOfType = (type: string, models: Pick<ThingModels, 'get'>): string =>
  displayNameSchema.safeParse(models.get(type)?.model.title).data ?? type
