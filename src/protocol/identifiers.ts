import * as z from 'zod/mini'

/** Device id, and the client id of everybody but services: 1–64 of `A–Z a–z 0–9 _ . : -` (docs/protocol.md). Never a wildcard, slash, `$` or control character. */
export const identifierPattern = /^[A-Za-z0-9_.:-]{1,64}$/

/** True when `text` may be a device id, or anybody's client id. Only a client id like this has `request`, `reply` and `notify` topics. */
export const isIdentifier = (text: string): boolean => identifierPattern.test(text)

const maxServiceClientIdBytes = 256
/** Control characters, wildcards, and what ill-formed UTF-8 was decoded to. */
const barredInClientIds = /[\p{Cc}\p{Cs}#+\ufffd]/u

/** True when `text` may be the client id of a service: any text that MQTT allows, 1–256 bytes of UTF-8, without `#`, `+` and control characters. */
export const isServiceClientId = (text: string): boolean =>
  text.length > 0 && utf8Length(text) <= maxServiceClientIdBytes && !barredInClientIds.test(text)

/** In bytes; of well-formed text. */
function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text.slice(0, maxServiceClientIdBytes + 1)) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4
  }
  return bytes
}

/** The client id of any session. */
export const clientIdSchema = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(256),
    z.refine(isServiceClientId, 'must be at most 256 bytes without #, + and control characters'),
  )

export const deviceIdSchema = z.string().check(z.regex(identifierPattern, 'must be 1 to 64 of A-Z a-z 0-9 _ . : -'))

/** The id of an account, as `account/me` and `device/members` give it. */
export const accountIdSchema = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of an account: 1 to 64 letters, digits, - and _'))

/** Letters and digits of any script, punctuation, spaces and plain symbols; no control characters and no emoji. */
const printable = String.raw`[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{Sm}\p{Sc}\p{Sk}]`
/** The same but for what is drawn as nothing: two names that look the same would be two. */
const printed = String.raw`(?!\p{Default_Ignorable_Code_Point})${printable}`

const maxNameLength = 64

/** As people count, so that a name has one length however it was typed. */
function hasNameLength(name: string): boolean {
  const length = [...name.normalize('NFC')].length
  return length > 0 && length <= maxNameLength
}

/** The first character of `name` that is none of `allowed`, as U+200B. */
const strayIn = (name: unknown, allowed: RegExp): string => {
  const stray = [...String(name)].find(character => !allowed.test(character))
  return `U+${(stray?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** Each rule says what it asks for: who is refused sees no invisible character. */
function nameOf(character: string) {
  const allowed = new RegExp(`^(?:${character})$`, 'u')
  return z.string().check(
    z.refine(hasNameLength, 'must be 1 to 64 characters'),
    z.refine(name => name.trim() === name, 'must not begin or end with a space'),
    z.refine(name => [...name].every(one => allowed.test(one)), {
      error: ({ input }) =>
        `must be letters, digits, punctuation and plain symbols, nothing invisible (${strayIn(input, allowed)} is none of these)`,
    }),
  )
}

/** A user name that there may be: 1–64 printable characters, counted after NFC, no space at either end. */
export const usernameSchema = nameOf(printable)

/** A user name that may be made: nothing of it is invisible. */
export const newUsernameSchema = nameOf(printed)

/** What a user name is to people: of names that differ in NFKC and case alone there is one. */
export const foldUsername = (name: string): string =>
  // To small letters first: the capital ẞ has no other capital, though ß has (SS).
  name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')

/** The digest a client sends in place of what the user typed: lower-case hex MD5, 32 digits. */
export const passwordDigestSchema = z
  .string()
  .check(z.regex(/^[0-9a-f]{32}$/, 'must be the lower-case hex MD5 of the password'))

/** A WeChat login code, as `wx.login` returns it. */
export const wechatCodeSchema = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,256}$/, 'must be 1 to 256 printable ASCII characters'))

/** One that is seen: of any script, with symbols; nothing that controls, turns text around, or shows nothing (U+2800 is a blank). */
const visible = String.raw`(?!\p{DI}|\p{Extended_Pictographic}|\u2800)[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{S}]`
/** An emoji, or several joined into one: the invisible characters that emoji are made with are allowed within them alone. */
const emoji = String.raw`\p{Extended_Pictographic}[\ufe0e\ufe0f]?(?:\p{Emoji_Modifier}?\u200d\p{Extended_Pictographic}[\ufe0e\ufe0f]?)*`
const keycap = String.raw`[0-9#*]\ufe0f\u20e3`
const displayName = new RegExp(`^(?:${emoji}|${keycap}|${visible})+$`, 'u')
const emojis = new RegExp(`${emoji}|${keycap}`, 'gu')
const oneVisible = new RegExp(`^${visible}$`, 'u')

/** A name people read: 1–64 characters, counted after NFC, that can be seen; symbols and emoji among them. */
export const displayNameSchema = z.string().check(
  z.refine(hasNameLength, 'must be 1 to 64 characters'),
  z.refine(name => name.trim() !== '', 'must not be blank'),
  z.refine(name => displayName.test(name), {
    error: ({ input }) =>
      `must be letters, digits, punctuation, symbols and emoji, nothing invisible (${strayIn(String(input).replace(emojis, ''), oneVisible)} is none of these)`,
  }),
)

/** What `account/wechat` calls a WeChat user of an account by. */
export const wechatLinkIdSchema = z.string().check(z.regex(/^[0-9a-f]{16}$/, 'must be the id of a link'))
