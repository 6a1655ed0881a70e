import { describe, expect, test } from 'vitest'
import { runLine } from '../command-line.ts'

describe('device add', () => {
  test('prints exactly id, type, secret and claim code with --json', async () => {
    const args = ['device', 'add', '--type', 'lamp', '--id', 'lamp-9', '--name', '客厅', '--json']
    const { exitCode, stdout, calls } = await runLine(args)
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ id: 'lamp-9', type: 'lamp', secret: 'S', claimCode: 'AAAA-BBBB' })
    expect(calls[0]).toEqual(['addDevice', { type: 'lamp', id: 'lamp-9', name: '客厅' }])
  })

  test('says that the secrets are shown once, and what to do with them', async () => {
    const { stdout, calls } = await runLine(['device', 'add', '--type', 'lamp'])
    expect(calls[0]).toEqual(['addDevice', { type: 'lamp' }])
    expect(stdout).toMatch(/^device id +lamp-2\nsecret +S\nclaim code +AAAA-BBBB\n/)
    expect(stdout).toContain('is shown again')
    expect(stdout).toContain('-t devices/lamp-2/state')
  })

  test.each([
    [['--type', 'toaster'], 'no device type "toaster"'],
    [['--type', 'lamp', '--id', 'lamp-1'], 'a device "lamp-1" already'],
  ])('%j exits 1', async (options, why) => {
    const { exitCode, stdout, stderr } = await runLine(['device', 'add', ...options])
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain(why)
  })
})

test('device list shows who is online, the name last', async () => {
  const { stdout } = await runLine(['device', 'list'])
  expect(stdout).toMatch(/^ID .* NAME\nlamp-1 +lamp +online +2023-11-14T22:13 +u1 +Lamp\n$/)
})

test('device list prints an array with --json, times in seconds', async () => {
  expect(JSON.parse((await runLine(['device', 'list', '--json'])).stdout)).toEqual([
    {
      id: 'lamp-1',
      type: 'lamp',
      name: 'Lamp',
      disabled: false,
      online: true,
      since: 1_700_000_000,
      members: [{ userId: 'u1', role: 'owner' }],
    },
  ])
})

describe.each([
  ['reset', { id: 'lamp-1', secret: 'S2', claimCode: null }],
  ['disable', { id: 'lamp-1', disabled: true }],
  ['enable', { id: 'lamp-1', disabled: false }],
])('device %s', (verb, value) => {
  test('answers with --json', async () => {
    const { exitCode, stdout } = await runLine(['device', verb, 'lamp-1', '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual(value)
  })

  test('exits 1 for an id that is not registered', async () => {
    const { exitCode, stderr } = await runLine(['device', verb, 'nope'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'error: there is no device "nope"\n' })
  })
})

test('resetting a device that has an owner says that there is no claim code', async () => {
  expect((await runLine(['device', 'reset', 'lamp-1'])).stdout).toContain('none: the device has an owner')
})
