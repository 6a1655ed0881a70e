import { isRecord } from '../options.ts'
import type { Dialogs } from '../shell/dialogs.ts'
import { becomeField } from './fields.ts'
import type { Tag, TagDefinition } from './tag.ts'

/** `selector`, `date` and `time`; the other modes are an error where they are opened. */
export const createPicker = (dialogs: Dialogs): TagDefinition => ({
  properties: {
    ...{ mode: 'selector', range: [], rangeKey: '', value: null, start: '', end: '', fields: 'day' },
    ...{ disabled: false, name: '', headerText: '' },
  },
  attached: tag => {
    const initial = tag.get('value')
    const open = () => {
      if (!tag.get('disabled')) void choose(tag, dialogs)
    }
    becomeField(tag, { value: () => tag.get('value'), reset: () => tag.set('value', initial), activate: open })
    tag.element.addEventListener('click', open)
  },
})

async function choose(tag: Tag, dialogs: Dialogs): Promise<void> {
  const picked = await pick(tag, dialogs)
  if (picked === undefined) return tag.fire('cancel')
  tag.set('value', picked)
  tag.fire('change', { value: picked })
}

async function pick({ get }: Tag, dialogs: Dialogs): Promise<string | undefined> {
  const mode = String(get('mode'))
  if (mode === 'selector') {
    const range = get('range')
    const labels = (Array.isArray(range) ? range : []).map(item => labelOf(item, String(get('rangeKey') ?? '')))
    const index = await dialogs.choose(labels, Number(get('value') ?? -1))
    return index === undefined ? undefined : String(index)
  }
  if (mode !== 'date' && mode !== 'time') throw new Error(`picker mode="${mode}" is not there in the preview`)
  return dialogs.ask({ title: String(get('headerText') ?? ''), value: String(get('value') ?? ''), type: mode })
}

const labelOf = (item: unknown, key: string): string => String(key && isRecord(item) ? item[key] : item)
