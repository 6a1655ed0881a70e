import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import qrcode from 'qrcode'
import { expect, onTestFinished, test } from 'vitest'
import { runLine } from '../command-line.ts'

/** The modules that a code of the fake backend's device must have, as rows of 0 and 1. */
function modulesOf(id: string, code: string, begin = 'latchkey:'): string[] {
  const { modules } = qrcode.create(`${begin}claim?device=${id}&code=${code}`, { errorCorrectionLevel: 'M' })
  return Array.from({ length: modules.size }, (_, row) =>
    [...modules.data.slice(row * modules.size, (row + 1) * modules.size)].join(''),
  )
}

/** The modules of a code drawn with half blocks. */
function readText(text: string): string[] {
  const upper: Record<string, string> = { ' ': '00', '▄': '01', '▀': '10', '█': '11' }
  const lines = text.split('\n').filter(line => /[▄▀█]/.test(line))
  const rows = lines.flatMap(line => [0, 1].map(half => [...line].map(one => upper[one]?.[half] ?? '?').join('')))
  // Two rows a line: the last half line is below the code.
  return trimmed(rows)
}

/** The modules of an image, without its margin. */
function trimmed(rows: string[]): string[] {
  const dark = rows.filter(row => row.includes('1'))
  const left = Math.min(...dark.map(row => row.indexOf('1')))
  const right = Math.max(...dark.map(row => row.lastIndexOf('1')))
  return dark.map(row => row.slice(left, right + 1))
}

/** The modules of an SVG whose path is `M x y h n` and `m dx dy h n`, as the library writes it. */
function readSvg(svg: string): string[] {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1])
  const path = /stroke="#000000" d="([^"]+)"/.exec(svg)?.[1] ?? ''
  const rows = Array.from({ length: size }, () => Array<string>(size).fill('0'))
  let x = 0
  let y = 0
  for (const [, command, a = '', b = ''] of path.matchAll(/([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?/g)) {
    if (command === 'M') [x, y] = [Number(a), Math.floor(Number(b))]
    else if (command === 'm') [x, y] = [x + Number(a), y + Number(b)]
    else for (const end = x + Number(a); x < end; x++) rows[y]?.splice(x, 1, '1')
  }
  return trimmed(rows.map(row => row.join('')))
}

/** The modules of a PNG of eight pixels a module, eight bits RGBA, whose rows are unfiltered or filtered by one rule (PNG 9.2). */
function readPng(png: Buffer): string[] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  const chunks: { type: string; data: Buffer }[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  expect([chunks[0]?.type, chunks.at(-1)?.type]).toEqual(['IHDR', 'IEND'])
  const width = chunks[0]?.data.readUInt32BE(0) ?? 0
  expect([...(chunks[0]?.data.subarray(8) ?? [])]).toEqual([8, 6, 0, 0, 0])
  const bytes = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)))
  const stride = width * 4
  const rows: Buffer[] = []
  for (let row = 0; row < width; row++) {
    const filter = bytes[row * (stride + 1)] ?? 0
    const line = Buffer.from(bytes.subarray(row * (stride + 1) + 1, (row + 1) * (stride + 1)))
    for (let i = 0; i < stride; i++) {
      const left = i >= 4 ? (line[i - 4] ?? 0) : 0
      const up = rows[row - 1]?.[i] ?? 0
      const corner = i >= 4 ? (rows[row - 1]?.[i - 4] ?? 0) : 0
      line[i] = ((line[i] ?? 0) + ([0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0)) & 255
    }
    rows.push(line)
  }
  const modules = Array.from({ length: width / 8 }, (_, y) =>
    Array.from({ length: width / 8 }, (_, x) => (rows[y * 8 + 4]?.[(x * 8 + 4) * 4] === 0 ? '1' : '0')).join(''),
  )
  return trimmed(modules)
}

function paeth(left: number, up: number, corner: number): number {
  const distance = (to: number) => Math.abs(left + up - corner - to)
  if (distance(left) <= distance(up) && distance(left) <= distance(corner)) return left
  return distance(up) <= distance(corner) ? up : corner
}

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-qr-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('device qr prints the new claim code, what the QR code holds, and the QR code', async () => {
  const { exitCode, stdout, calls } = await runLine(['device', 'qr', 'lamp-2'])
  expect(exitCode).toBe(0)
  expect(calls[0]).toEqual(['issueClaimCode', 'lamp-2'])
  expect(stdout).toContain('claim code  CCCC-DDDD\nQR code     latchkey:claim?device=lamp-2&code=CCCC-DDDD\n')
  expect(readText(stdout)).toEqual(modulesOf('lamp-2', 'CCCC-DDDD'))
  expect(stdout).not.toContain('\u001b')
})

test('with a public URL every QR code and link begins with it', async () => {
  const env = { LATCHKEY_PUBLIC_URL: 'wss://example.com/iot/' }
  const link = 'https://example.com/iot/claim?device=lamp-2&code=CCCC-DDDD'
  const { stdout } = await runLine(['device', 'qr', 'lamp-2'], { env })
  expect(stdout).toContain(`QR code     ${link}\n`)
  expect(readText(stdout)).toEqual(modulesOf('lamp-2', 'CCCC-DDDD', 'https://example.com/iot/'))
})

test('on a terminal it is black on white, unless colours are not wanted', async () => {
  const coloured = await runLine(['device', 'qr', 'lamp-2'], { terminal: true })
  expect(coloured.stdout).toContain('\u001b[38;5;16;48;5;231m')
  const plain = await runLine(['device', 'qr', 'lamp-2'], { terminal: true, env: { NO_COLOR: '1' } })
  expect(plain.stdout).not.toContain('\u001b')
})

test('device add prints a QR code on a terminal alone, and never with --json', async () => {
  const args = ['device', 'add', '--type', 'lamp']
  const shown = await runLine(args, { terminal: true, env: { NO_COLOR: '1' } })
  expect(readText(shown.stdout)).toEqual(modulesOf('lamp-2', 'AAAA-BBBB'))
  expect((await runLine(args)).stdout).not.toMatch(/[▄▀█]/)
  const { stdout } = await runLine([...args, '--json'], { terminal: true })
  expect(JSON.parse(stdout)).toEqual({ id: 'lamp-2', type: 'lamp', secret: 'S', claimCode: 'AAAA-BBBB' })
})

test('device qr writes SVG and PNG files of the same code, for their owner alone', async () => {
  const folder = await tempFolder()
  const [svg, png] = [join(folder, 'a.svg'), join(folder, 'a.png')]
  const { exitCode, stdout } = await runLine(['device', 'qr', 'lamp-2', '--svg', svg, '--png', png, '--json'])
  expect(exitCode).toBe(0)
  const link = 'latchkey:claim?device=lamp-2&code=CCCC-DDDD'
  expect(JSON.parse(stdout)).toEqual({ id: 'lamp-2', claimCode: 'CCCC-DDDD', link })
  expect(readSvg(await readFile(svg, 'utf8'))).toEqual(modulesOf('lamp-2', 'CCCC-DDDD'))
  expect(readPng(await readFile(png))).toEqual(modulesOf('lamp-2', 'CCCC-DDDD'))
  for (const file of [svg, png]) expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['a.png', 'a.svg'])
})

test('a file that is there is not replaced, and no claim code is spent; --force replaces it', async () => {
  const file = join(await tempFolder(), 'a.svg')
  await writeFile(file, 'precious', { mode: 0o644 })
  const refused = await runLine(['device', 'qr', 'lamp-2', '--svg', file])
  expect({ exitCode: refused.exitCode, calls: refused.calls }).toEqual({ exitCode: 1, calls: [] })
  expect(refused.stderr).toContain('already exists: --force replaces it')
  expect(await readFile(file, 'utf8')).toBe('precious')
  expect((await runLine(['device', 'qr', 'lamp-2', '--svg', file, '--force'])).exitCode).toBe(0)
  expect(await readFile(file, 'utf8')).toContain('<svg')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('a file that cannot be written spends no claim code and leaves nothing behind', async () => {
  const folder = await tempFolder()
  const refused = {
    [join(folder, 'no/a.png')]: 'cannot be written: its folder is not there',
    [join(folder, 'file/a.png')]: 'cannot be written: it, or a part of its path, is a file and not a folder',
    [folder]: 'is a folder',
    [join(folder, 'x'.repeat(300))]: 'cannot be written: its name is too long',
  }
  await writeFile(join(folder, 'file'), '')
  for (const [file, why] of Object.entries(refused)) {
    const args = ['device', 'qr', 'lamp-2', '--svg', join(folder, 'a.svg'), '--png', file, '--force']
    expect(await runLine(args)).toEqual({ exitCode: 1, stdout: '', stderr: `error: ${file} ${why}\n`, calls: [] })
  }
  expect(await runLine(['device', 'qr', 'lamp-2', '--svg', ''])).toMatchObject({ exitCode: 1, calls: [] })
  expect(await readdir(folder)).toEqual(['file'])
})

test.each([
  ['lamp-1', 'has an owner'],
  ['nope', 'there is no device "nope"'],
])('device qr %s exits 1 and writes no file', async (id, why) => {
  const folder = await tempFolder()
  const { exitCode, stderr } = await runLine(['device', 'qr', id, '--svg', join(folder, 'a.svg')])
  expect(exitCode).toBe(1)
  expect(stderr).toContain(why)
  expect(await readdir(folder)).toEqual([])
})
