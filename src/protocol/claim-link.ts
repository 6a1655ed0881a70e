/**
 * What a device's QR code holds: its id and its claim code. Neither needs escaping: see identifiers.ts. Below `publicUrl`, a web address without a slash at its
 * end, it is a link that WeChat's own scanner opens the mini-program by; a mini-program takes both.
 */
export const claimLink = (deviceId: string, claimCode: string, publicUrl?: string): string =>
  `${publicUrl === undefined ? 'latchkey:' : `${publicUrl}/`}claim?device=${deviceId}&code=${claimCode}`

/** What {@link claimLink} made, taken apart; undefined for any other text. Never throws. */
export function parseClaimLink(text: string): { readonly deviceId: string; readonly code: string } | undefined {
  const [, deviceId, code] =
    /^(?:latchkey:|https?:\/\/[^?#\s]+\/)claim\?device=([A-Za-z0-9_.:-]{1,64})&code=([A-Za-z0-9-]{1,32})$/.exec(
      text.trim(),
    ) ?? []
  return deviceId && code ? { deviceId, code } : undefined
}
