import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { ConfigError } from '../../../src/config/config.ts'
import { startProcess } from '../../support/processes/latchkey-process.ts'
import { startApp } from '../../support/start-app.ts'
import { writeFiles } from '../../support/write-files.ts'

const name = 'MP_verify_Ab3.txt'
const at = (folder: string) => ({ LATCHKEY_WECHAT_VERIFICATION_FOLDER: folder })

/** The status and the body of a path that is sent as it stands. */
async function ask(port: number, path: string): Promise<readonly [status: string | undefined, body: string]> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  const answer = await text(socket)
  return [/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1], answer.slice(answer.indexOf('\r\n\r\n') + 4)]
}

test('a file that WeChat asks a domain for is answered at /, byte for byte, and to HEAD', async () => {
  await using files = await writeFiles({ [name]: 'Ab3' })
  await using running = await startApp({ env: at(files.folder) })
  const answer = await fetch(`${running.httpUrl}/${name}`)
  expect([answer.status, await answer.text()]).toEqual([200, 'Ab3'])
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-length': '3',
    'x-content-type-options': 'nosniff',
  })
  expect((await fetch(`${running.httpUrl}/${name}`, { method: 'HEAD' })).status).toBe(200)
})

test('no other path leads to one of them, or out of the folder', async () => {
  await using files = await writeFiles({ 'secret.txt': 'hush hush' })
  const served = files.path('served')
  await mkdir(served)
  await writeFile(join(served, name), 'what WeChat asks for')
  await using running = await startApp({ env: at(served) })
  const { http: port } = running.app.ports
  expect(await ask(port, `/${name}`)).toEqual(['200', 'what WeChat asks for'])
  for (const path of [
    '/secret.txt',
    '/../secret.txt',
    '/folder/../../secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    `/served/${name}`,
    `/${name}%00`,
    `/${name}/`,
    `/${name.toLowerCase()}`,
    '/__proto__',
    '/constructor',
  ]) {
    const [status, body] = await ask(port, path)
    expect([path, status]).toEqual([path, '404'])
    expect(body).not.toMatch(/hush hush|what WeChat asks for/)
  }
})

test('it counts like any page', async () => {
  await using files = await writeFiles({ [name]: 'Ab3' })
  await using running = await startApp({
    env: at(files.folder),
    limits: { httpRequestsPerSecond: 5, uncountedAddresses: [] },
  })
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(running.app.ports.http, `/${name}`)))
  expect(answers.filter(([status]) => status === '200').length).toBeLessThanOrEqual(10)
  expect(answers.map(([status]) => status)).toContain('429')
})

test('what is put into the folder is served from SIGHUP on, and what is taken out is not; the log says what is left out', async () => {
  await using files = await writeFiles({ [name]: 'one', 'page.html': 'page' })
  await using latchkey = await startProcess(['start'], { env: at(files.folder) })
  const { ports } = await latchkey.line('ready')
  expect(await latchkey.line('verification-files-read')).toMatchObject({ count: 1 })
  expect(await latchkey.line('verification-file-left-out')).toMatchObject({ level: 'warn', file: 'page.html' })
  await files.write(name, 'another')
  await files.write('abcdef.txt', 'two')
  expect(await ask(ports.http, `/${name}`)).toEqual(['200', 'one'])
  expect((await ask(ports.http, '/abcdef.txt'))[0]).toBe('404')
  await latchkey.signal('SIGHUP')
  await expect.poll(() => ask(ports.http, '/abcdef.txt')).toEqual(['200', 'two'])
  expect(await ask(ports.http, `/${name}`)).toEqual(['200', 'another'])

  await files[Symbol.asyncDispose]()
  await latchkey.signal('SIGHUP')
  expect(await latchkey.line('verification-files-not-read')).toMatchObject({ level: 'error', signal: 'SIGHUP' })
  expect(await ask(ports.http, `/${name}`)).toEqual(['200', 'another'])
})

test('a folder that is not there ends the start, by the name of its setting', async () => {
  await expect(startApp({ env: at('/no/such/folder') })).rejects.toThrow(ConfigError)
  await expect(startApp({ env: at('/no/such/folder') })).rejects.toThrow(
    'wechat.verificationFolder (LATCHKEY_WECHAT_VERIFICATION_FOLDER): /no/such/folder cannot be read: there is no such file or folder',
  )
})
