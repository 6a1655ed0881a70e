import { textIn } from '../options.ts'
import type { Dialogs } from '../shell/dialogs.ts'
import type { Words } from '../words.ts'
import type { Apis } from './apis.ts'

/** Where a mini-program may write; WeChat names it so. */
export const userDataPath = 'wxfile://usr'

/** Files of the mini-program, as long as it runs; one that is shared is downloaded by the browser. */
export function fileApis({ create }: Apis, dialogs: Dialogs, words: Words): Record<string, unknown> {
  const files = new Map<string, string>()
  const existing = (path: string): string => {
    const text = files.get(path)
    if (text === undefined) throw new Error(`no such file or directory "${path}"`)
    return text
  }
  const manager = {
    writeFile: create('writeFile', options => {
      const path = textIn(options, 'filePath')
      if (!path.startsWith(`${userDataPath}/`)) throw new Error(`permission denied, open "${path}"`)
      files.set(path, textIn(options, 'data'))
    }),
    readFile: create('readFile', options => ({ data: existing(textIn(options, 'filePath')) })),
    unlink: create('unlink', options => {
      existing(textIn(options, 'filePath'))
      files.delete(textIn(options, 'filePath'))
    }),
  }
  return {
    getFileSystemManager: () => manager,
    shareFileMessage: create('shareFileMessage', options => {
      const path = textIn(options, 'filePath')
      download(existing(path), textIn(options, 'fileName') || path.slice(path.lastIndexOf('/') + 1))
      dialogs.toast(words.shared, 'success', 1500)
    }),
  }
}

function download(text: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
