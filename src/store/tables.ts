import type { Generated } from 'kysely'

/** The tables of `latchkey.db`, as migrations/ makes them. Times are milliseconds since 1970; flags are 0 or 1. */
export interface Tables {
  readonly account: AccountTable
  readonly wechat_link: WechatLinkTable
  readonly token: TokenTable
  readonly token_family: TokenFamilyTable
  readonly device: DeviceTable
  readonly member: MemberTable
  readonly invitation: InvitationTable
  readonly presence: PresenceTable
  readonly device_state: DeviceStateTable
  readonly product: ProductTable
  readonly enrollment: EnrollmentTable
  readonly history_series: HistorySeriesTable
  readonly history_sample: HistorySampleTable
  readonly history_block: HistoryBlockTable
  readonly history_hour: HistoryHourTable
  readonly history_day: HistoryDayTable
  readonly audit: AuditTable
  readonly audit_size: AuditSizeTable
}

interface AccountTable {
  readonly id: string
  /** In Unicode NFC. */
  readonly username: string
  /** `foldUsername` of the name; null when an older account has the same, from a version that allowed it. */
  readonly folded: string | null
  readonly password_hash: string
  readonly role: string
  readonly disabled: number
  readonly created_at_ms: number
}

interface WechatLinkTable {
  /** The keyed hash of an openid. */
  readonly wechat_id: string
  readonly account_id: string
  readonly linked_at_ms: number
}

interface TokenTable {
  readonly id: string
  /** An account's id or a service's name, so not a foreign key. */
  readonly subject: string
  readonly role: string
  readonly issued_at_ms: number
  readonly expires_at_ms: number
  readonly revoked_at_ms: number | null
  /** The hash of the `acl` claim, or of its absence; null for a token of an earlier version. */
  readonly acl_hash: string | null
  /** Null for services, and for tokens from the command line or an earlier version. */
  readonly family: string | null
  /** The number of refreshes since the family began; null without a family. */
  readonly generation: number | null
  /** When CONNECT begins to refuse a refreshed or rotated token, before `expires_at_ms`. */
  readonly ends_at_ms: number | null
}

/** A sign-in and its refreshed tokens. */
interface TokenFamilyTable {
  readonly id: string
  readonly began_at_ms: number
  /** The latest `expires_at_ms` of its tokens. */
  readonly expires_at_ms: number
  readonly revoked_at_ms: number | null
  /** The generation of the newest token used at CONNECT; the first one counts as used. */
  readonly used_generation: number
  readonly used_token: string
}

interface DeviceTable {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly disabled: number
  readonly secret_hash: string
  readonly claim_hash: string | null
  /** The end of `claim_hash`; null when it is valid until used. */
  readonly claim_until_ms: number | null
  /** The hash of the last claim code given out, used or not. */
  readonly label_hash: string | null
  readonly created_at_ms: number
  /** When the device was released: samples up to then are never written. */
  readonly history_from_ms: Generated<number>
  /** A new one at each release: see `DeviceStore.tenures`. */
  readonly tenure: string
}

interface MemberTable {
  readonly device_id: string
  readonly account_id: string
  readonly role: string
  readonly since_ms: number
}

interface InvitationTable {
  /** SHA-256 of its text, in hex. */
  readonly hash: string
  readonly device_id: string
  /** The id of the giver. */
  readonly owner_id: string
  readonly role: string
  readonly expires_at_ms: number
}

interface PresenceTable {
  readonly device_id: string
  readonly online: number
  readonly since_ms: number
  readonly reason: string | null
  readonly node: string | null
}

/** What an earlier version kept, until the next start of a broker. */
interface DeviceStateTable {
  readonly device_id: string
  /** A JSON object. */
  readonly state: string
}

interface ProductTable {
  readonly type: string
  readonly generation: number
  readonly enabled: number
}

interface EnrollmentTable {
  readonly device_id: string
  /** The `timestamp` of the last request that was accepted, in seconds since 1970. */
  readonly timestamp_s: number
  readonly may_enroll_again: number
}

interface HistorySeriesTable {
  readonly id: number
  /** Null when the device was released since. */
  readonly device_id: string | null
  readonly property: string
  /** Samples before this moment are deleted. */
  readonly pruned_before_ms: Generated<number>
  /** The range of samples from an earlier version that are not yet in the hourly and daily figures; null when all are. */
  readonly unfolded_from_ms: number | null
  readonly unfolded_to_ms: number | null
}

interface HistorySampleTable {
  readonly series_id: number
  readonly at_ms: number
  readonly value: number
}

/** The figures of five minutes: `block` is the number of five minutes since 1970. */
interface HistoryBlockTable {
  readonly series_id: number
  readonly block: number
  readonly samples: number
  readonly total: number
  readonly lowest: number
  readonly highest: number
}

/** The figures of an hour: `hour` is the number of hours since 1970. */
interface HistoryHourTable {
  readonly series_id: number
  readonly hour: number
  readonly samples: number
  readonly total: number
  readonly lowest: number
  readonly highest: number
  /** How much a counter rose, see `riseBetween`. */
  readonly rise: number
  readonly last: number
  readonly last_at_ms: number
}

/** The figures of a day of UTC: `day` is the number of days since 1970. */
interface HistoryDayTable {
  readonly series_id: number
  readonly day: number
  readonly samples: number
  readonly total: number
  readonly lowest: number
  readonly highest: number
  readonly rise: number
}

/** One row. */
interface AuditSizeTable {
  /** Entries that are not by operators or commands. */
  readonly bounded: number
}

/** Actors and targets are kinds and ids, not foreign keys: an entry outlives what it is about. */
export interface AuditTable {
  readonly id: Generated<number>
  readonly at_ms: number
  readonly kind: string
  readonly actor_kind: string
  readonly actor_id: string
  readonly client_id: string
  readonly address: string
  readonly target_kind: string | null
  readonly target_id: string | null
  readonly detail: string | null
}
