import type { Locale } from '../../../src/protocol/codes.ts'

/** Sentences with numbers, names or times in them, for one language. */
export interface Phrases {
  deviceCount(total: number, online: number): string
  greeting(hour: number, name: string): string
  /** `minutes` since it was last seen. */
  offlineFor(minutes: number): string
  retryAfter(seconds: number): string
  invitationOpenUntil(when: string): string
  inviteTitle(deviceName: string): string
  memberSince(day: string): string
  leastAverageMost(least: string, average: string, most: string): string
}

const ago = (minutes: number, units: readonly [string, string, string]) =>
  minutes < 60
    ? `${Math.max(1, Math.floor(minutes))} ${units[0]}`
    : minutes < 24 * 60
      ? `${Math.floor(minutes / 60)} ${units[1]}`
      : `${Math.floor(minutes / 60 / 24)} ${units[2]}`

const english: Phrases = {
  deviceCount: (total, online) => `${total} ${total === 1 ? 'device' : 'devices'} · ${online} online`,
  greeting: (hour, name) =>
    `Good ${hour < 5 ? 'night' : hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening'}, ${name}`,
  offlineFor: minutes => `Offline for ${ago(minutes, ['min', 'h', 'd'])}`,
  retryAfter: seconds => `Too many attempts. Try again in ${seconds} s.`,
  invitationOpenUntil: when => `Works once, until ${when}`,
  inviteTitle: deviceName => `You are invited to "${deviceName}"`,
  memberSince: day => `since ${day}`,
  leastAverageMost: (least, average, most) => `Min ${least} · avg ${average} · max ${most}`,
}

const chinese: Phrases = {
  deviceCount: (total, online) => `${total} 台设备 · ${online} 台在线`,
  greeting: (hour, name) => `${hour < 5 ? '夜深了' : hour < 12 ? '早上好' : hour < 18 ? '下午好' : '晚上好'}，${name}`,
  offlineFor: minutes => `已离线 ${ago(minutes, ['分钟', '小时', '天'])}`,
  retryAfter: seconds => `操作过于频繁，请 ${seconds} 秒后再试。`,
  invitationOpenUntil: when => `仅可使用一次，${when} 前有效`,
  inviteTitle: deviceName => `邀请你使用“${deviceName}”`,
  memberSince: day => `${day} 起`,
  leastAverageMost: (least, average, most) => `最低 ${least} · 平均 ${average} · 最高 ${most}`,
}

export const phrases: Record<Locale, Phrases> = { en: english, 'zh-CN': chinese }
