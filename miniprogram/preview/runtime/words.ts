const chinese = {
  cancel: '取消',
  confirm: '确定',
  back: '返回',
  menu: '转发',
  copied: '内容已复制',
  shared: '已转发',
  notShared: '当前页面不可转发',
  scan: '扫码内容',
  privacy: '用户隐私保护提示',
  privacyText: '使用前请阅读小程序的《用户隐私保护指引》。如你同意，请点击“同意”继续。',
  refuse: '拒绝',
  agree: '同意',
  terms: '微信会在这里显示发布者填写的《用户隐私保护指引》。',
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
  privacy: 'Privacy',
  privacyText: 'Read the privacy terms of this mini-program before you go on. If you agree to them, tap Agree.',
  refuse: 'Refuse',
  agree: 'Agree',
  terms: 'WeChat shows the privacy terms here that the publisher of the mini-program has written.',
}

/** By the phone's language, as WeChat names it. */
export const wordsOf = (language: string): Words => (language.startsWith('zh') ? chinese : english)
