import type { NotificationKind, topicTemplates } from '../../src/protocol/topics.ts'

/** Who says what on each topic. */
export const topicMeanings: Record<keyof typeof topicTemplates, readonly [way: string, payload: string]> = {
  request: ['client → broker', 'a request, as a JSON object; never routed to anybody'],
  reply: ['broker → that client, if it has subscribed to it', 'the answer: `id`, `code`, `msg`, `data`'],
  notify: ['broker → that client, if it has subscribed to it', 'a notification; its kinds are below'],
  state: [
    'device → members',
    'a merge patch (RFC 7396) on the state of the device; what is retained is the whole state, folded by the broker',
  ],
  set: ['member → device', '`{"id"?, …properties}`: only writable properties of the device type, and no key twice'],
  invoke: ['member → device', '`{"id"?, "input"?}`'],
  ack: ['device → members', '`{"id", "code", "msg"?}`: what became of a command'],
  event: ['device → members', 'anything, up to 64 KiB by default'],
  presence: ['broker → members', 'retained `{"online", "since", "reason"?}`, `since` in ms; true after a crash too'],
  log: [
    'broker → operators',
    'a log line as JSON, as it happens, at QoS 0; `lines-missed` says how many a slow reader missed',
  ],
  trace: ['broker → operators', 'what one client, user or device does: see `ops/trace`'],
  broker: [
    'broker → operators, and services whose `acl` names it',
    "a figure of the broker under Mosquitto's name, as text: see [operators.md](operators.md)",
  ],
}

/** What each notification means. */
export const notificationMeanings: Record<NotificationKind, string> = {
  'token-expiring':
    'the token ends in five minutes: send `auth/refresh`; a service is also told 14, 3 and 1 days before, and a second after it connects within that time: its operator rotates the token',
  denied:
    'a publish was refused: by which rule, or what the device type refuses (code 2005); for a command with its `id`, when it had one; for a report with the `property`',
  'device-offline': 'a command was not delivered, with its `id`: commands are never kept for later',
  'wechat-linked':
    'another WeChat user can sign in to this account from now on (`auth/bind`): told to every session of the account except the one that made the link; see `account/wechat`',
  devices: 'the answer of `device/list` has changed or, for an owner, that of `device/members`',
}
