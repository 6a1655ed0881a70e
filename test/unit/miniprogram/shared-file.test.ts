import { afterEach, expect, test, vi } from 'vitest'
import { importPlatform } from './wx.ts'

type Callbacks = { success?: () => void; fail?: (failure: { errMsg: string }) => void }

/** WeChat with files; `failure` is what its answers are, and `unable` what it cannot do. */
function stubFiles({ failure, unable }: { failure?: string; unable?: string } = {}) {
  const calls: [name: string, options: object][] = []
  const api = (name: string) => (options: Callbacks) => {
    calls.push([name, options])
    if (failure === undefined) options.success?.()
    else options.fail?.({ errMsg: `${name}:fail ${failure}` })
  }
  vi.stubGlobal('wx', {
    env: { USER_DATA_PATH: 'wxfile://usr' },
    canIUse: (name: string) => name !== unable,
    getFileSystemManager: () => ({ writeFile: api('writeFile'), unlink: api('unlink') }),
    shareFileMessage: api('shareFileMessage'),
  })
  return calls
}

afterEach(() => vi.unstubAllGlobals())

const sharedFile = async () => (await importPlatform('shared-file')).createSharedFile('data.json')

test('a text is written where WeChat lets it, sent under its name, and taken away', async () => {
  const calls = stubFiles()
  const file = await sharedFile()
  expect([await file.write('{}'), await file.share()]).toEqual([true, 'shared'])
  file.remove()
  const filePath = 'wxfile://usr/data.json'
  expect(calls).toMatchObject([
    ['writeFile', { filePath, data: '{}', encoding: 'utf8' }],
    ['shareFileMessage', { filePath, fileName: 'data.json' }],
    ['unlink', { filePath }],
  ])
})

test.each([
  ['cancel', 'cancelled'],
  ['file is too large', 'failed'],
] as const)('what WeChat says of "%s" is that it was %s', async (failure, outcome) => {
  stubFiles({ failure })
  expect(await (await sharedFile()).share()).toBe(outcome)
})

test('where the phone is full, or WeChat is too old to send it, nothing is offered', async () => {
  stubFiles({ failure: 'the maximum size of the file storage limit is exceeded' })
  expect(await (await sharedFile()).write('{}')).toBe(false)
  const calls = stubFiles({ unable: 'shareFileMessage' })
  expect(await (await sharedFile()).write('{}')).toBe(false)
  expect(calls).toEqual([])
})
