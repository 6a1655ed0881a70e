const loadQrcode = async () => (await import('qrcode')).default

/** At this level a print on a device's case can still be read when part of it is worn. */
const look = { errorCorrectionLevel: 'M', margin: 4 } as const
/** Black on white whatever the terminal's colours are: many scanners refuse the inverse. */
const blackOnWhite = '\u001b[38;5;16;48;5;231m'
const plain = '\u001b[0m'

/** `payload` as a QR code in text, two rows of modules a line, without a newline at the end; `coloured` for a terminal. */
export async function qrText(payload: string, { coloured }: { readonly coloured: boolean }): Promise<string> {
  const text = await (await loadQrcode()).toString(payload, { ...look, type: 'utf8' })
  if (!coloured) return text
  return text
    .split('\n')
    .map(line => `${blackOnWhite}${line}${plain}`)
    .join('\n')
}

/** `payload` as an SVG document. */
export const qrSvg = async (payload: string): Promise<string> =>
  (await loadQrcode()).toString(payload, { ...look, type: 'svg' })

/** `payload` as a PNG image, eight pixels a module. */
export const qrPng = async (payload: string): Promise<Buffer> =>
  (await loadQrcode()).toBuffer(payload, { ...look, type: 'png', scale: 8 })
