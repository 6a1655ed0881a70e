/** A text that the person may send on as a file, to a chat or to their own computer. */
export interface SharedFile {
  /** Writes it in place of an earlier one. False when it cannot be written, or WeChat is too old to send it. */
  write(text: string): Promise<boolean>
  /** Lets the person choose to whom it goes; to be called within a tap. */
  share(): Promise<'shared' | 'cancelled' | 'failed'>
  /** Removes it: nothing of it stays on the phone. */
  remove(): void
}

/** A file with this name where WeChat lets mini-programs write. */
export function createSharedFile(fileName: string): SharedFile {
  const filePath = `${wx.env.USER_DATA_PATH}/${fileName}`
  const files = wx.getFileSystemManager()
  return {
    write: data =>
      new Promise(resolve => {
        if (!wx.canIUse('shareFileMessage')) return resolve(false)
        files.writeFile({
          filePath,
          data,
          encoding: 'utf8',
          success: () => resolve(true),
          fail: () => resolve(false), // the phone is full: the text can be copied all the same
        })
      }),
    share: () =>
      new Promise(resolve => {
        wx.shareFileMessage({
          filePath,
          fileName,
          success: () => resolve('shared'),
          fail: ({ errMsg }) => resolve(/cancel/.test(errMsg) ? 'cancelled' : 'failed'),
        })
      }),
    remove: () => files.unlink({ filePath, fail: () => {} }), // it was not written
  }
}
