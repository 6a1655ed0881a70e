import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createAuthority } from '../../support/network/certificates.ts'
import { openHeldPipe } from '../../support/processes/held-pipe.ts'
import { type LogLine, startProcess } from '../../support/processes/latchkey-process.ts'
import { writeFiles } from '../../support/write-files.ts'

/** A reader is waited for for a second; the rest is for a machine that is busy. */
const deadlineMs = 3000

const sinceMs = ({ time }: LogLine) => Date.now() - Date.parse(time)

test('a reader of stdout that hangs holds up the end by a second', async () => {
  using held = openHeldPipe()
  await using latchkey = await startProcess(['start'], { stdout: held.fd })
  await latchkey.line('ready')
  await latchkey.signal('SIGTERM')
  expect(await latchkey.ended).toEqual({ exitCode: 0, stderr: '' })
  expect(sinceMs(await latchkey.line('stopped'))).toBeLessThan(deadlineMs)
})

test('a process that fails ends, though nobody reads what it logs', async () => {
  using held = openHeldPipe()
  const script = join(import.meta.dirname, '../log/logs-and-ends.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, 'a late error'], {
    stdio: ['ignore', held.fd, 'ignore'],
  })
  expect(await once(child, 'exit')).toEqual([1, null])
})

test('a terminal that is held holds up nothing: the broker starts at it, and ends', async () => {
  using held = openHeldPipe()
  await using latchkey = await startProcess(['start'], { stdout: held.fd, atTerminal: true })
  await latchkey.line('ready')
  const pid = await latchkey.pid()
  await latchkey.signal('SIGTERM')
  const stopped = await latchkey.line('stopped')
  await expect.poll(() => existsSync(`/proc/${pid}/cwd`)).toBe(false)
  expect(sinceMs(stopped)).toBeLessThan(deadlineMs)
})

test('a TLS handshake that does not go on does not hold up the end', async () => {
  const { cert, key } = createAuthority().issue({ commonNames: ['localhost'] })
  await using files = await writeFiles({ 'cert.pem': cert, 'key.pem': key })
  const env = { LATCHKEY_TLS_CERT: files.path('cert.pem'), LATCHKEY_TLS_KEY: files.path('key.pem') }
  await using latchkey = await startProcess(['start'], { env })
  const { ports } = await latchkey.line('ready')
  const half = connect(ports.mqtts, '127.0.0.1')
  const closed = once(half, 'close')
  await once(half, 'connect')
  half.write(Buffer.from([0x16, 3, 1, 2, 0])) // the first bytes of a ClientHello of 512
  await latchkey.signal('SIGTERM')
  expect(await latchkey.ended).toMatchObject({ exitCode: 0 })
  expect(sinceMs(await latchkey.line('stopped'))).toBeLessThan(deadlineMs)
  await closed
})
