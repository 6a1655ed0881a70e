/** What would not show, or would make other text look different: control characters, those that reorder, and those without width. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Longest text in a row of a list; a line of its own shows more. */
const maxShown = 200

/** `text` as people may read it, whoever wrote it: every invisible character as `\u{202e}`, and cut after `max` characters. */
export function visibleText(text: string, max = maxShown): string {
  const cut = text.length > max ? `${text.slice(0, max)}… (${text.length})` : text
  return cut.replace(invisible, sign => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`)
}
