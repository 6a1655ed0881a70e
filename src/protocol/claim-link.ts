/** What a device's QR code holds: its id and its claim code. Neither needs escaping: see identifiers.ts. */
export const claimLink = (deviceId: string, claimCode: string): string =>
  `latchkey:claim?device=${deviceId}&code=${claimCode}`

/** What {@link claimLink} made, taken apart; undefined for any other text. Never throws. */
export function parseClaimLink(text: string): { readonly deviceId: string; readonly code: string } | undefined {
  const [, deviceId, code] =
    /^latchkey:claim\?device=([A-Za-z0-9_.:-]{1,64})&code=([A-Za-z0-9-]{1,32})$/.exec(text.trim()) ?? []
  return deviceId && code ? { deviceId, code } : undefined
}
