import type { ConnectRefusal } from '../../domain/sign-in.ts'

/** What each reason for refusing a CONNECT means. */
export const connectRefusalMeanings: Readonly<Record<ConnectRefusal, string>> = {
  'unsupported-protocol': 'this is not MQTT 3.1, 3.1.1 or 5',
  'identifier-rejected':
    'the client id is not 1–64 of `A–Z a–z 0–9 _ . : -` (a service may use other text), or it is empty without a clean session',
  'identifier-mismatch':
    'the client id is not the user name (where that is not `jwt`), or not the CN of the certificate',
  'identifier-in-use':
    'another client of the same or a higher kind is connected with this client id, or has a stored session with it',
  'identifier-reserved': 'this client id belongs to a registered device, and a token cannot sign in a device',
  'server-unavailable': 'internal error: try again later',
  'too-many-guests': 'too many guests from all addresses (`guest.connections`): try again in a minute',
  'too-many-guests-from-address': 'too many guests from its address (`guest.perAddress`): try again in a minute',
  'too-many-sessions': 'its account or service has as many sessions as it may have, all of them connected',
  'database-busy': 'another process has locked the accounts database: try again in a few seconds',
  'bad-credentials':
    'unknown name or wrong secret, a certificate of no registered device, or a token that this broker did not issue',
  'token-expired': 'sign in again',
  'token-revoked': 'sign in again',
  'token-replaced':
    'a token that was refreshed more than ten minutes ago, or rotated: use its successor, or sign in again',
  'token-reused': 'a token whose successor was already used: its whole family is revoked, sign in again',
  'account-disabled': 'an operator disabled the account',
  'device-disabled': 'an operator disabled the device',
  'bad-authentication-method': 'MQTT 5: an authentication method other than `LATCHKEY`',
  'guest-session': 'a guest with a persistent session: set the clean session flag',
  'guest-will': 'a guest with a will',
  'will-refused': 'its will is on a topic to which it may not publish',
  'will-too-large': 'its will is larger than `limits.maxEventBytes`',
  'address-blocked': 'an operator has blocked its address for a time (`ops/address/block`)',
}
