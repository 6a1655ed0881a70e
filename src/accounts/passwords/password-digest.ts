import { createHash } from 'node:crypto'

/** What clients send instead of the text that a person typed: the MD5 of its UTF-8, in lower-case hex. */
export const passwordDigest = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex')
