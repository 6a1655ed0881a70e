const chinese = {
  cancel: '取消',
  confirm: '确定',
  back: '返回',
  menu: '转发',
  copied: '内容已复制',
  shared: '已转发',
  notShared: '当前页面不可转发',
  scan: '扫码内容',
}

/** What WeChat itself says, not the mini-program. */
export type Words = typeof chinese

const english: Words = {
  cancel: 'Cancel',
  confirm: 'OK',
  back: 'Back',
  menu: 'Share',
  copied: 'Copied',
  shared: 'Shared',
  notShared: 'This page cannot be shared',
  scan: 'What the code says',
}

/** By the phone's language, as WeChat names it. */
export const wordsOf = (language: string): Words => (language.startsWith('zh') ? chinese : english)
