import { spawnSync } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readVerificationFiles } from '../../../src/http/sites/read-verification-files.ts'
import { writeFiles } from '../../support/write-files.ts'

const read = (folder: string) => {
  const { files, leftOut } = readVerificationFiles(folder)
  return {
    files: Object.fromEntries([...files].map(([name, content]) => [name, content.toString()])),
    leftOut: Object.fromEntries(leftOut.map(({ name, reason }) => [name, reason])),
  }
}

test('files of plain names are read as they are, and what else is there is told', async () => {
  await using files = await writeFiles({
    'MP_verify_Ab3.txt': 'Ab3',
    'abcdef0123.txt': '9f86d081884c7d659a2feaa0c55ad015\n',
    'empty.txt': '',
    'page.html': '<script>',
    '.hidden.txt': 'hidden',
    'a b.txt': 'space',
    '..txt': 'dots',
    [`${'n'.repeat(65)}.txt`]: 'long',
  })
  expect(read(files.folder)).toEqual({
    files: { 'MP_verify_Ab3.txt': 'Ab3', 'abcdef0123.txt': '9f86d081884c7d659a2feaa0c55ad015\n', 'empty.txt': '' },
    leftOut: Object.fromEntries(
      ['page.html', '.hidden.txt', 'a b.txt', '..txt', `${'n'.repeat(65)}.txt`].map(name => [
        name,
        'its name is not like MP_verify_Ab3.txt',
      ]),
    ),
  })
})

test('a symbolic link, a folder, a pipe and what is large are not read', async () => {
  await using files = await writeFiles({
    'full.txt': 'x'.repeat(4096),
    'large.txt': 'x'.repeat(4097),
    secret: 'secret',
  })
  await symlink(files.path('secret'), files.path('link.txt'))
  await symlink('/etc/shadow', files.path('shadow.txt'))
  await mkdir(files.path('folder.txt'))
  expect(spawnSync('mkfifo', [files.path('pipe.txt')]).status).toBe(0)
  const { files: served, leftOut } = read(files.folder)
  expect(Object.keys(served)).toEqual(['full.txt'])
  expect(leftOut).toMatchObject({
    'large.txt': 'it is larger than 4096 bytes',
    'link.txt': 'it is a symbolic link',
    'shadow.txt': 'it is a symbolic link',
    'folder.txt': 'it is not a file',
    'pipe.txt': 'it is not a file',
  })
})

test('in a folder of thousands of files a hundred are read, and not all are looked at', async () => {
  await using files = await writeFiles(
    Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`a${i}.txt`, `${i}`])),
  )
  const { files: served, leftOut } = readVerificationFiles(files.folder)
  expect([served.size, leftOut.length]).toEqual([100, 900])
})

test('a folder that is not there is an error', () => {
  expect(() => readVerificationFiles('/no/such/folder')).toThrow(/ENOENT/)
})
