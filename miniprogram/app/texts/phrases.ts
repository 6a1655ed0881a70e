import type { Locale } from '../../../src/protocol/codes.ts'

/** Sentences with numbers, names or times in them, for one language. */
export interface Phrases {
  deviceCount(total: number, online: number): string
  greeting(hour: number, name: string): string
  /** `minutes`: since it was last seen. */
  offlineFor(minutes: number): string
  retryAfter(seconds: number): string
  invitationOpenUntil(when: string): string
  inviteTitle(deviceName: string): string
  invites(inviter: string, deviceName: string): string
  memberSince(day: string): string
  boundSince(when: string): string
  signedInSince(when: string): string
  daysLoaded(days: number): string
  leastAverageMost(least: string, average: string, most: string): string
  /** Amounts in the period that is not over yet, and in all `count` of them. */
  used(period: 'day' | 'week' | 'month', latest: string, total: string, count: number): string
}

type Unit = 'seconds' | 'minutes' | 'hours' | 'days'

/** A time in the largest unit that it reaches: 893 seconds are 14 minutes. */
function inUnits(seconds: number): [number, Unit] {
  if (seconds < 90) return [Math.max(1, Math.floor(seconds)), 'seconds']
  const minutes = seconds / 60
  if (minutes < 60) return [Math.floor(minutes), 'minutes']
  return minutes < 24 * 60 ? [Math.floor(minutes / 60), 'hours'] : [Math.floor(minutes / 60 / 24), 'days']
}

function inEnglish(seconds: number): string {
  const [count, unit] = inUnits(seconds)
  return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`
}

const chineseUnits: Record<Unit, string> = { seconds: '秒', minutes: '分钟', hours: '小时', days: '天' }
function inChinese(seconds: number): string {
  const [count, unit] = inUnits(seconds)
  return `${count} ${chineseUnits[unit]}`
}

/** A sign-in that was seen less than this many minutes ago was seen just now. */
const justNow = 1.5
/** Somebody who waits as long as the text says must not be told to wait again: a part of a minute is rounded up. */
const waitOf = (seconds: number) => (seconds < 90 ? seconds : Math.ceil(seconds / 60) * 60)

const english: Phrases = {
  deviceCount: (total, online) => `${total} ${total === 1 ? 'device' : 'devices'} · ${online} online`,
  greeting: (hour, name) =>
    `Good ${hour < 5 ? 'night' : hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening'}, ${name}`,
  offlineFor: minutes => (minutes < justNow ? 'Offline since just now' : `Offline for ${inEnglish(minutes * 60)}`),
  retryAfter: seconds => `Too many attempts. Try again in ${inEnglish(waitOf(seconds))}.`,
  invitationOpenUntil: when => `Works once, until ${when}`,
  inviteTitle: deviceName => `You are invited to "${deviceName}"`,
  invites: (inviter, deviceName) => `${inviter} invites you to "${deviceName}"`,
  memberSince: day => `since ${day}`,
  boundSince: when => `Bound since ${when}`,
  signedInSince: when => `Signed in since ${when}`,
  daysLoaded: days => `Loading… ${days} days of values`,
  leastAverageMost: (least, average, most) => `Min ${least} · avg ${average} · max ${most}`,
  used: (period, latest, total, count) =>
    `${{ day: 'Today', week: 'This week', month: 'This month' }[period]} ${latest} · ${count} ${period}s ${total}`,
}

const chinese: Phrases = {
  deviceCount: (total, online) => `${total} 台设备 · ${online} 台在线`,
  greeting: (hour, name) => `${hour < 5 ? '夜深了' : hour < 12 ? '早上好' : hour < 18 ? '下午好' : '晚上好'}，${name}`,
  offlineFor: minutes => (minutes < justNow ? '刚刚离线' : `已离线 ${inChinese(minutes * 60)}`),
  retryAfter: seconds => `操作过于频繁，请 ${inChinese(waitOf(seconds))}后再试。`,
  invitationOpenUntil: when => `仅可使用一次，${when} 前有效`,
  inviteTitle: deviceName => `邀请你使用“${deviceName}”`,
  invites: (inviter, deviceName) => `${inviter} 邀请你使用“${deviceName}”`,
  memberSince: day => `${day} 起`,
  boundSince: when => `${when} 起绑定`,
  signedInSince: when => `${when} 起登录`,
  daysLoaded: days => `正在加载… 已有 ${days} 天的数据`,
  leastAverageMost: (least, average, most) => `最低 ${least} · 平均 ${average} · 最高 ${most}`,
  used: (period, latest, total, count) =>
    `${{ day: '今天', week: '本周', month: '本月' }[period]} ${latest} · ${count} ${{ day: '天', week: '周', month: '个月' }[period]}共 ${total}`,
}

export const phrases: Record<Locale, Phrases> = { en: english, 'zh-CN': chinese }
