/** A message as it is retained, queued or left as a will. */
export interface StoredMessage {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly dup?: boolean
  readonly messageId?: number | undefined
}
