import type { Reason } from '../transport/reason.ts'

/** The reason codes that this server sends (MQTT 5 section 2.4). */
const code = {
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  implementationSpecific: 0x83,
  unsupportedVersion: 0x84,
  clientIdNotValid: 0x85,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  banned: 0x8a,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  receiveMaximumExceeded: 0x93,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
  connectionRateExceeded: 0x9f,
  maximumConnectTime: 0xa0,
  sharedNotSupported: 0x9e,
} as const

export const { noSubscriptionExisted, quotaExceeded, unspecified } = code

type Codes = Readonly<Record<string, number>>

/** The codes of CONNACK, by the reason in the log (`connectRefusals`). */
const ofConnack: Codes = {
  'unsupported-protocol': code.unsupportedVersion,
  'identifier-rejected': code.clientIdNotValid,
  'identifier-mismatch': code.clientIdNotValid,
  'identifier-in-use': code.clientIdNotValid,
  'identifier-reserved': code.clientIdNotValid,
  'server-unavailable': code.serverUnavailable,
  'database-busy': code.serverUnavailable,
  'too-many-guests': code.quotaExceeded,
  'too-many-guests-from-address': code.connectionRateExceeded,
  'too-many-sessions': code.quotaExceeded,
  'bad-credentials': code.badCredentials,
  'bad-authentication-method': code.badAuthenticationMethod,
  'will-too-large': code.packetTooLarge,
  'address-blocked': code.banned,
}

/** The codes of SUBACK, by the rule in the log. */
export const ofSuback: Codes = {
  'malformed-topic': code.topicFilterInvalid,
  'too-many-filters': code.quotaExceeded,
  'shared-not-allowed': code.sharedNotSupported,
}

/** The codes of PUBACK and PUBREC, by the rule in the log. */
export const ofPuback: Codes = {
  'no-subscribers': code.noMatchingSubscribers,
  'malformed-topic': code.topicNameInvalid,
  'payload-not-text': code.payloadFormatInvalid,
  'payload-too-large': code.quotaExceeded,
  'retained-full': code.quotaExceeded,
  'reply-unheard': code.implementationSpecific,
  fault: code.unspecified,
}

/** The codes of PUBACK and PUBREC, by the reply code of a refused command. */
const ofCommand: Readonly<Record<number, number>> = {
  2004: code.implementationSpecific,
  2005: code.payloadFormatInvalid,
  4000: code.payloadFormatInvalid,
}

/** The codes of DISCONNECT, by the reason in the log. */
export const ofDisconnect: Codes = {
  'taken-over': code.sessionTakenOver,
  displaced: code.sessionTakenOver,
  'broker-stopping': code.serverShuttingDown,
  'slow-reader': code.quotaExceeded,
  'too-fast': code.messageRateTooHigh,
  'too-many-refused-publishes': code.quotaExceeded,
  'too-many-refused-subscribes': code.quotaExceeded,
  'qos2-window-full': code.receiveMaximumExceeded,
  'message-not-kept': code.implementationSpecific,
  'keep-alive-timeout': code.keepAliveTimeout,
  'guest-idle': code.administrativeAction,
  'guest-time-over': code.maximumConnectTime,
  kicked: code.administrativeAction,
  forgotten: code.administrativeAction,
  'address-blocked': code.administrativeAction,
}

export const connackCode = ({ rule }: Reason): number => ofConnack[rule] ?? code.notAuthorized
export const subackCode = ({ rule }: Reason): number => ofSuback[rule] ?? code.notAuthorized
/** The end of the rights of a token, an account or a device ends the connection as not authorized. */
export const disconnectCode = ({ rule }: Reason): number => {
  if (rule.startsWith('packet-too-large')) return code.packetTooLarge
  if (rule.startsWith('too-many-filters')) return code.quotaExceeded
  return ofDisconnect[rule] ?? code.notAuthorized
}
export const pubackCode = (reason: Reason): number =>
  (reason.code === undefined ? undefined : ofCommand[reason.code]) ?? ofPuback[reason.rule] ?? code.notAuthorized
