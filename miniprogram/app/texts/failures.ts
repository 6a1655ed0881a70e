import { codes, type Locale } from '../../../src/protocol/codes.ts'
import type { CommandOutcome } from '../../../src/protocol/device-control.ts'
import type { Failure } from '../services/failure.ts'
import { phrases } from './phrases.ts'
import { textsIn } from './texts-in.ts'

const ours: Record<Exclude<Failure['code'], number>, Record<Locale, string>> = {
  offline: { en: 'No connection. Try again when the phone is online.', 'zh-CN': '网络未连接，请联网后重试。' },
  timeout: { en: 'No answer in time. Try again.', 'zh-CN': '请求超时，请重试。' },
  'no-login-code': { en: 'WeChat gave no login code. Try again.', 'zh-CN': '微信登录未成功，请重试。' },
}
const silent: Record<Locale, string> = { en: 'The device did not answer.', 'zh-CN': '设备未响应。' }

const sentence = (text: string, locale: Locale) =>
  locale === 'en' ? `${text.charAt(0).toUpperCase()}${text.slice(1)}.` : `${text}。`

/** Why something was not done, for a person. */
export function failureText({ code, retryAfter }: Failure, locale: Locale): string {
  if (typeof code === 'string') return ours[code][locale]
  if (code === 4029 && retryAfter !== undefined) return phrases[locale].retryAfter(retryAfter)
  return sentence(codes[code][locale], locale)
}

/** The codes with which the broker may answer a command. A device's own codes may be the same numbers as others of the table. */
const commandCodes = [2001, 2004, 2005, 4000, 4003, 4029, 5000] as const

/**
 * * Why a command was not done, for a person; empty when it was done, when later ones took its place, or when nobody is signed in any more. What the device
 * itself says is shown unchanged.
 */
export function outcomeText(outcome: CommandOutcome, locale: Locale): string {
  if (outcome.done || 'replaced' in outcome) return ''
  const { code, msg } = outcome
  if (code === undefined) return endText(msg, locale)
  const ofBroker = commandCodes.find(known => known === code)
  return ofBroker === undefined ? msg || `${code}` : sentence(codes[ofBroker][locale], locale)
}

/** Nobody answered: these names are those of create-devices.ts and device-shelf.ts. */
function endText(msg: string, locale: Locale): string {
  if (msg === 'offline') return ours.offline[locale]
  if (msg === 'not yours any more') return textsIn(locale).device.gone
  return msg === 'signed out' ? '' : silent[locale]
}
