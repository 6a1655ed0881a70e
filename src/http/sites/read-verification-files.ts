import { closeSync, constants, fstatSync, opendirSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { VerificationFiles } from '../../domain/verification.ts'
import { fileReason } from '../../files/file-reason.ts'

/** WeChat's files have some thirty bytes; the bounds keep a wrong folder from being served by mistake. */
const maxBytes = 4096
const maxFiles = 100
const maxEntries = 1000

/** `MP_verify_Ab3.txt`, `abcdef0123.txt`: no path and no hidden file. */
const isPlainName = (name: string): boolean => /^[A-Za-z0-9_-]{1,64}\.txt$/.test(name)

/** Reads WeChat's verification files, so that a request opens no file. Throws when the folder cannot be read. */
export function readVerificationFiles(folder: string): VerificationFiles {
  const files = new Map<string, Buffer>()
  const leftOut: { name: string; reason: string }[] = []
  for (const name of namesIn(folder)) {
    const read = isPlainName(name) ? readSmallFile(join(folder, name)) : 'its name is not like MP_verify_Ab3.txt'
    if (typeof read === 'string') leftOut.push({ name, reason: read })
    else if (files.size === maxFiles) leftOut.push({ name, reason: `there are more than ${maxFiles}` })
    else files.set(name, read)
  }
  return { files, leftOut }
}

function namesIn(folder: string): string[] {
  const names: string[] = []
  const open = opendirSync(folder)
  try {
    for (let entry = open.readSync(); entry && names.length < maxEntries; entry = open.readSync())
      names.push(entry.name)
  } finally {
    open.closeSync()
  }
  return names.sort()
}

/** The content, or why there is none. Links are not followed, and nothing but a regular file is read. */
function readSmallFile(path: string): Buffer | string {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return fileReason(error, { ELOOP: 'it is a symbolic link' })
  }
  try {
    if (!fstatSync(descriptor).isFile()) return 'it is not a file'
    const content = Buffer.alloc(maxBytes + 1)
    const size = readSync(descriptor, content, 0, content.length, 0)
    return size > maxBytes ? `it is larger than ${maxBytes} bytes` : Buffer.from(content.subarray(0, size))
  } finally {
    closeSync(descriptor)
  }
}
