import { displayNameSchema } from '../../protocol/identifiers.ts'
import type { ThingModels } from './thing-models.ts'

/** The name of a device that nobody has named: the title of its thing model, or else its type. */
export const titleOfType = (type: string, models: Pick<ThingModels, 'get'>): string =>
  displayNameSchema.safeParse(models.get(type)?.model.title).data ?? type
