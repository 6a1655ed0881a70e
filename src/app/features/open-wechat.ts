import type { Config } from '../../config/config.ts'
import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'
import type { WechatPort } from '../../domain/wechat.ts'
import { createWechat } from '../../wechat/create-wechat.ts'
import { startWechatStandIn } from '../../wechat/wechat-stand-in.ts'

interface Options {
  readonly events: Events
  /** Told about every call. */
  readonly onAsked: (durationMs: number, failed: boolean) => void
  readonly now: Clock
}

/** WeChat's service, or the stand-in when none is configured; production requires one (src/config). */
export async function openWechat(
  { wechat: { appid, secret, base } }: Config,
  { events, onAsked, now }: Options,
): Promise<WechatPort & { close(): Promise<void> }> {
  const onFault = (cause: unknown) => void events.emit('fault', { where: 'wechat', cause })
  const common = { now, onFault, onAsked }
  if (appid && secret) return { ...createWechat({ ...common, base, appid, secret }), close: async () => {} }
  const standIn = await startWechatStandIn({ now })
  return { ...createWechat({ ...standIn, ...common }), close: standIn.close }
}
