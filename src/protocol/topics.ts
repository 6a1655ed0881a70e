/**
 * Every topic of the contract, spelled once. `{client}`, `{device}` and the other placeholders stand for exactly one level,
 * except `{operation}`, which is the two or three levels of an operation's name (`auth/login`, `ops/user/disable`), and `{figure}`, which is as many as
 * the name of a figure has (`clients/connected`).
 */
export const topicTemplates = {
  request: 'request/{client}/{operation}',
  reply: 'reply/{client}/{operation}',
  notify: 'notify/{client}/{kind}',
  state: 'devices/{device}/state',
  set: 'devices/{device}/set',
  invoke: 'devices/{device}/invoke/{action}',
  ack: 'devices/{device}/ack',
  event: 'devices/{device}/event/{name}',
  presence: 'devices/{device}/presence',
  log: 'ops/log/{level}/{module}',
  trace: 'ops/trace/{id}',
  broker: '$SYS/broker/{figure}',
} as const

/** First level of every topic of a device. */
export const devicesRoot = 'devices'
/** First level of the free-form topics that services use. */
export const applicationRoot = 'app'
/** First level of the operators' topics. */
export const operatorRoot = 'ops'
/** First levels of the broker's own figures, whose names are Mosquitto's. */
export const brokerRoot = '$SYS/broker'

/** What a session may be told on `notify/{clientId}/{kind}`. */
export type NotificationKind = 'token-expiring' | 'denied' | 'device-offline' | 'devices' | 'wechat-linked'

/** Builders: identifiers and names are trusted to be one level each (see `identifiers.ts`). */
export const topics = {
  request: (clientId: string, operation: string) => `request/${clientId}/${operation}`,
  reply: (clientId: string, operation: string) => `reply/${clientId}/${operation}`,
  replies: (clientId: string) => `reply/${clientId}/#`,
  notify: (clientId: string, kind: NotificationKind) => `notify/${clientId}/${kind}`,
  notifications: (clientId: string) => `notify/${clientId}/#`,
  state: (deviceId: string) => `devices/${deviceId}/state`,
  set: (deviceId: string) => `devices/${deviceId}/set`,
  invoke: (deviceId: string, action: string) => `devices/${deviceId}/invoke/${action}`,
  ack: (deviceId: string) => `devices/${deviceId}/ack`,
  event: (deviceId: string, name: string) => `devices/${deviceId}/event/${name}`,
  presence: (deviceId: string) => `devices/${deviceId}/presence`,
  log: (level: string, module: string) => `ops/log/${level}/${module}`,
  trace: (id: string) => `ops/trace/${id}`,
  broker: (figure: string) => `${brokerRoot}/${figure}`,
} as const

/** A topic of the contract, taken apart. */
export type ParsedTopic =
  | { readonly kind: 'request' | 'reply'; readonly clientId: string; readonly operation: string }
  | { readonly kind: 'notify'; readonly clientId: string; readonly name: string }
  | { readonly kind: 'state' | 'set' | 'ack' | 'presence'; readonly deviceId: string }
  | { readonly kind: 'invoke' | 'event'; readonly deviceId: string; readonly name: string }

/** Takes a topic name apart; undefined when it is none of the contract's. Never throws. */
export function parseTopic(topic: string): ParsedTopic | undefined {
  const [root, id, kind, name, verb, ...rest] = topic.split('/')
  if (!id || rest.length > 0) return undefined
  if (root === 'request' || root === 'reply') {
    if (!kind || !name || verb === '') return undefined
    return { kind: root, clientId: id, operation: topic.slice(root.length + id.length + 2) }
  }
  if (verb !== undefined) return undefined
  switch (root) {
    case 'notify':
      return kind && name === undefined ? { kind: 'notify', clientId: id, name: kind } : undefined
    case devicesRoot:
      return parseDeviceTopic(id, kind, name)
    default:
      return undefined
  }
}

function parseDeviceTopic(
  deviceId: string,
  kind: string | undefined,
  name: string | undefined,
): ParsedTopic | undefined {
  switch (kind) {
    case 'state':
    case 'set':
    case 'ack':
    case 'presence':
      return name === undefined ? { kind, deviceId } : undefined
    case 'invoke':
    case 'event':
      return name ? { kind, deviceId, name } : undefined
    default:
      return undefined
  }
}

/** Whether a topic name is that of a command for a device. */
export function isCommand(topic: string): boolean {
  const kind = parseTopic(topic)?.kind
  return kind === 'set' || kind === 'invoke'
}
