/** Languages that `msg` is written in. */
export type Locale = 'zh-CN' | 'en'
export const locales = ['zh-CN', 'en'] as const satisfies readonly Locale[]

/** The language of `tag` (`zh`, `zh-Hans-CN`, `en-GB`), undefined when it is none of ours. */
export function localeOf(tag: string): Locale | undefined {
  const language = tag.split('-', 1)[0]?.toLowerCase() ?? ''
  return locales.find(locale => locale.split('-', 1)[0] === language)
}

/**
 * The one table of reply codes. A released number is never reused. 0, 1 and 1001–1003 are those of the mini-programs that
 * were there before this project, which rely on them.
 */
export const codes = {
  0: { en: 'done', 'zh-CN': '成功' },
  1: { en: 'wrong user name or password', 'zh-CN': '用户名或密码错误' },
  1001: { en: 'this WeChat user is not bound yet: bind first', 'zh-CN': '请先绑定微信' },
  1002: { en: 'login failed: no code was sent', 'zh-CN': '登录失败：缺少 code' },
  1003: { en: 'WeChat refused the code', 'zh-CN': '微信未接受该 code' },
  1004: { en: 'this user name is taken', 'zh-CN': '用户名已被占用' },
  1005: { en: 'this WeChat is bound to another account', 'zh-CN': '该微信已绑定其他账号' },
  1006: {
    en: 'WeChat cannot be reached: try again with a new code',
    'zh-CN': '暂时无法连接微信，请重新获取 code 后再试',
  },
  1007: { en: 'this account is disabled', 'zh-CN': '账号已停用' },
  1008: {
    en: 'this account has as many open sessions as it may: end one of them first',
    'zh-CN': '该账号的在线会话已达上限，请先退出其中一个',
  },
  1009: {
    en: 'this client id belongs to somebody else: connect again with another client id',
    'zh-CN': '该 client id 已属于其他设备或用户，请更换 client id 后重新连接',
  },
  2001: { en: 'no such device, or not yours', 'zh-CN': '设备不存在，或不属于您' },
  2002: { en: 'wrong claim code', 'zh-CN': '认领码错误' },
  2003: { en: 'this device already has an owner', 'zh-CN': '设备已有所有者' },
  2004: { en: 'the device is offline', 'zh-CN': '设备不在线' },
  2005: { en: 'the device type does not allow this value', 'zh-CN': '该设备不接受此值' },
  2006: { en: 'invitation unknown, used or expired', 'zh-CN': '邀请无效、已使用或已过期' },
  2007: { en: 'this device is enrolled already: an operator must reset it', 'zh-CN': '设备已注册，需由管理员重置' },
  3001: { en: 'there is nothing of this name', 'zh-CN': '找不到该对象' },
  3002: { en: 'this id is taken', 'zh-CN': '该编号已被占用' },
  4000: { en: 'malformed request', 'zh-CN': '请求格式错误' },
  4003: { en: 'not allowed', 'zh-CN': '没有权限' },
  4004: { en: 'unknown operation', 'zh-CN': '未知操作' },
  4029: { en: 'too many attempts: slow down', 'zh-CN': '操作过于频繁，请稍后再试' },
  5000: { en: 'internal error', 'zh-CN': '内部错误' },
} as const satisfies Record<number, Record<Locale, string>>

/** A reply code of the table. */
export type Code = keyof typeof codes
/** Every code but 0. */
export type RefusalCode = Exclude<Code, 0>

/** The text of `code` in `locale`, with `detail` (a field's name, a reference) after it. */
export const messageOf = (code: Code, locale: Locale, detail?: string): string => {
  if (code === 0) return ''
  const text = codes[code][locale]
  return detail ? `${text}${locale === 'en' ? ' (' : '（'}${detail}${locale === 'en' ? ')' : '）'}` : text
}
