import * as z from 'zod/mini'

/** MQTT client id and device id: 1–64 of `A–Z a–z 0–9 _ . : -` (docs/protocol.md). Never a wildcard, slash, `$` or control character. */
export const identifierPattern = /^[A-Za-z0-9_.:-]{1,64}$/

/** True when `text` may be a client id or a device id. */
export const isIdentifier = (text: string): boolean => identifierPattern.test(text)

export const deviceIdSchema = z.string().check(z.regex(identifierPattern, 'must be 1 to 64 of A-Z a-z 0-9 _ . : -'))

/** The id of an account, as `account/me` and `device/members` give it. */
export const accountIdSchema = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of an account: 1 to 64 letters, digits, - and _'))

/** Letters and digits of any script, punctuation, spaces and plain symbols; no control characters and no emoji. */
const printable = String.raw`[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{Sm}\p{Sc}\p{Sk}]`

/** A user name: 1–64 printable characters, no space at either end. Compared after NFC, case-sensitively. */
export const usernameSchema = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(64),
    z.regex(
      new RegExp(`^(?!\\s)${printable}+(?<!\\s)$`, 'u'),
      'must be letters, digits and punctuation, without a space at either end',
    ),
  )

/** The digest a client sends in place of what the user typed: lower-case hex MD5, 32 digits. */
export const passwordDigestSchema = z
  .string()
  .check(z.regex(/^[0-9a-f]{32}$/, 'must be the lower-case hex MD5 of the password'))

/** A WeChat login code, as `wx.login` returns it. */
export const wechatCodeSchema = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,256}$/, 'must be 1 to 256 printable ASCII characters'))

/** A name people read: 1–64 printable characters. */
export const displayNameSchema = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(64),
    z.regex(new RegExp(`^${printable}+$`, 'u'), 'must be letters, digits and punctuation'),
  )
