import { createHash } from 'node:crypto'

/** What clients send in place of the text a person typed: the lower-case hex MD5 of its UTF-8 (design section 3). */
export const passwordDigest = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex')
