import type { ConnectRefusal } from '../../domain/sign-in.ts'

/** Why a CONNECT is refused, in a sentence. */
export const connectRefusalMeanings: Readonly<Record<ConnectRefusal, string>> = {
  'unsupported-protocol': 'this is not MQTT 3.1.1 (nor 3.1): MQTT 5 is not spoken here',
  'identifier-rejected':
    'the client id is not 1–64 of `A–Z a–z 0–9 _ . : -` (a service may have another); an empty one only with a clean session',
  'identifier-mismatch':
    'the client id is not the user name, where that is not `jwt`, or not the CN of its certificate',
  'identifier-in-use': 'somebody else, who is not lower, is connected by this client id, or has a stored session by it',
  'identifier-reserved': 'this client id is that of a registered device, and a token does not sign a device in',
  'server-unavailable': 'internal error: try again later',
  'too-many-guests': 'as many as may have not signed in, from wherever (`guest.connections`): try again in a minute',
  'too-many-guests-from-address':
    'as many from its address have not signed in as may (`guest.perAddress`): try again in a minute',
  'too-many-sessions': 'its account or service has as many sessions as it may, and all of them are connected',
  'database-busy': 'another process keeps the accounts locked: try again in a few seconds',
  'bad-credentials': 'unknown name or wrong secret, a certificate of no device, or a token that is not one of ours',
  'token-expired': 'sign in again',
  'token-revoked': 'sign in again',
  'token-replaced':
    'a token that was refreshed more than ten minutes ago, or rotated: use its successor, or sign in again',
  'token-reused': 'a token whose successor was used already: all of its family is revoked, sign in again',
  'account-disabled': 'an operator disabled the account',
  'device-disabled': 'an operator disabled the device',
  'guest-session': 'a guest with a persistent session: set the clean session flag',
  'guest-will': 'a guest with a will',
  'will-refused': 'its will is on a topic that it may not publish',
  'will-too-large': 'its will is larger than `limits.maxEventBytes`',
  'address-blocked': 'an operator keeps its address out for a time (`ops/address/block`)',
}
