/** What a device's QR code holds: its id and its claim code. Neither needs escaping: see identifiers.ts. */
export const claimLink = (deviceId: string, claimCode: string): string =>
  `latchkey:claim?device=${deviceId}&code=${claimCode}`
