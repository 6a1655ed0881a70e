/** Characters that would not show, or would change how other text looks: control characters, those that reorder text, and those without width. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** The longest text in a row of a list; a line of its own shows more. */
const maxShown = 200

/** `text` as it is safe to read, whoever wrote it: every invisible character is spelled out, as `\u{202e}`, and the text is cut after `max` characters. */
export function visibleText(text: string, max = maxShown): string {
  const cut = text.length > max ? `${text.slice(0, max)}… (${text.length})` : text
  return cut.replace(invisible, sign => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`)
}
