/** The tables of `latchkey.db`, as migrations/ makes them. Times are milliseconds since 1970; flags are 0 or 1. */
export interface Tables {
  readonly account: AccountTable
  readonly wechat_link: WechatLinkTable
  readonly token: TokenTable
  readonly device: DeviceTable
  readonly member: MemberTable
  readonly presence: PresenceTable
  readonly device_state: DeviceStateTable
  readonly product: ProductTable
  readonly enrollment: EnrollmentTable
}

interface AccountTable {
  readonly id: string
  /** In Unicode NFC. */
  readonly username: string
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
}

interface DeviceTable {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly disabled: number
  readonly secret_hash: string
  readonly claim_hash: string | null
  readonly created_at_ms: number
}

interface MemberTable {
  readonly device_id: string
  readonly account_id: string
  readonly role: string
  readonly since_ms: number
}

interface PresenceTable {
  readonly device_id: string
  readonly online: number
  readonly since_ms: number
  readonly reason: string | null
}

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
