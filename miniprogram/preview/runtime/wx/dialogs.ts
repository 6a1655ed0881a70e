import { numberIn, textIn } from '../options.ts'
import type { Dialogs } from '../shell/dialogs.ts'
import type { Words } from '../words.ts'
import type { Apis } from './apis.ts'

/** Toasts, loading, modals and action sheets. */
export const dialogApis = ({ create }: Apis, dialogs: Dialogs, words: Words): Record<string, unknown> => ({
  showToast: create('showToast', options =>
    dialogs.toast(textIn(options, 'title'), textIn(options, 'icon', 'success'), numberIn(options, 'duration', 1500)),
  ),
  hideToast: create('hideToast', dialogs.hideToast),
  showLoading: create('showLoading', options => dialogs.loading(textIn(options, 'title'))),
  hideLoading: create('hideLoading', dialogs.hideToast),
  showModal: create('showModal', async options => {
    const content = await dialogs.confirm({
      title: textIn(options, 'title'),
      content: textIn(options, 'content'),
      showCancel: options.showCancel !== false,
      cancelText: textIn(options, 'cancelText', words.cancel),
      confirmText: textIn(options, 'confirmText', words.confirm),
      cancelColor: textIn(options, 'cancelColor'),
      confirmColor: textIn(options, 'confirmColor'),
      editable: options.editable === true,
      placeholderText: textIn(options, 'placeholderText'),
    })
    if (content === undefined) return { confirm: false, cancel: true }
    return { confirm: true, cancel: false, ...(options.editable === true && { content }) }
  }),
  showActionSheet: create('showActionSheet', async options => {
    const labels = Array.isArray(options.itemList) ? options.itemList.map(String) : []
    if (labels.length < 1 || labels.length > 6) throw new Error('parameter error: itemList should have 1 to 6 items')
    const tapIndex = await dialogs.choose(labels, -1, { item: textIn(options, 'itemColor') })
    if (tapIndex === undefined) throw new Error('cancel')
    return { tapIndex }
  }),
})
