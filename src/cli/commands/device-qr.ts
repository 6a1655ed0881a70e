import type { Command } from 'commander'
import * as z from 'zod'
import { claimLink } from '../../protocol/claim-link.ts'
import { answers, type CommandAnswer, type CommandContext } from '../command-context.ts'
import { alignColumns } from '../output/align-columns.ts'
import { type NewFile, openNewFile } from '../output/new-file.ts'
import { qrPng, qrSvg, qrText } from '../output/qr-code.ts'

const qrOptions = z.object({
  svg: z.string().optional(),
  png: z.string().optional(),
  force: z.boolean().default(false),
})
type QrOptions = z.output<typeof qrOptions>

/** `latchkey device qr`: a new claim code, as text, as a QR code, and in files for a label. */
export function registerDeviceQr(group: Command, context: CommandContext): void {
  const command = group
    .command('qr')
    .description('give a device that nobody owns a new claim code, with its QR code')
    .argument('<id>', 'device id')
    .option('--svg <file>', 'write the QR code into this SVG file')
    .option('--png <file>', 'write the QR code into this PNG file')
    .option('--force', 'replace existing files')
  answers(command, context, qrOptions, ([id = ''], options) => withFiles(options, files => issue(context, id, files)))
}

/** The content of the QR code of a claim code. */
const linkOf = (context: CommandContext, deviceId: string, claimCode: string): string =>
  claimLink(deviceId, claimCode, context.loadConfig().publicUrl)

/** Overrides the terminal's colours unless NO_COLOR is set. */
export const qrForTerminal = (context: CommandContext, deviceId: string, claimCode: string): Promise<string> =>
  qrText(linkOf(context, deviceId, claimCode), {
    coloured: context.stdout.isTTY === true && !context.origin.env.NO_COLOR,
  })

interface LabelFiles {
  readonly svg: NewFile | undefined
  readonly png: NewFile | undefined
}

async function issue(context: CommandContext, id: string, { svg, png }: LabelFiles): Promise<CommandAnswer> {
  const issued = await context.withBackend(backend => backend.provisioning.issueClaimCode(id))
  if (issued === 'unknown') return { refused: `there is no device ${JSON.stringify(id)}` }
  if (issued === 'owned')
    return {
      refused: `the device ${JSON.stringify(id)} has an owner: it gets a claim code when its owner releases it`,
    }
  const { claimCode } = issued
  const link = linkOf(context, id, claimCode)
  await svg?.write(await qrSvg(link))
  await png?.write(await qrPng(link))
  const rows = [
    ['device id', id],
    ['claim code', claimCode],
    ['QR code', link],
  ]
  return {
    value: { id, claimCode, link },
    text: `${alignColumns(rows)}\n\nEarlier claim codes are void. This one is not shown again.\n\n${await qrForTerminal(context, id, claimCode)}`,
  }
}

/** Opens the files first, so that no claim code is issued for files that cannot be written. */
async function withFiles(
  { svg, png, force }: QrOptions,
  use: (files: LabelFiles) => Promise<CommandAnswer>,
): Promise<CommandAnswer> {
  const open = async (file: string | undefined) => (file === undefined ? undefined : openNewFile(file, { force }))
  const svgFile = await open(svg)
  try {
    const pngFile = await open(png)
    try {
      return await use({ svg: svgFile, png: pngFile })
    } finally {
      await pngFile?.close()
    }
  } finally {
    await svgFile?.close()
  }
}
