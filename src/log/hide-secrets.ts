/**
 * `text` without possible secrets: credentials and the query of an address, tokens, values with names of secrets. A stranger may write the text, so
 * every pattern reads each character a bounded number of times.
 */
export const hideSecrets = (text: string): string =>
  text.replace(address, hideInAddress).replace(word, hideToken).replace(namedSecret, '$1$2[hidden]')

/** Matches a possible address to its end, so that no part of it is read again. */
const address = /\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>]*/gi
const credentials = /:\/\/[^\s/@]*@/g

function hideInAddress(found: string): string {
  const plain = found.replace(credentials, '://')
  const queryAt = plain.search(/[?#]/)
  return queryAt < 0 || queryAt === plain.length - 1 ? plain : `${plain.slice(0, queryAt)}?…`
}

/** Matches any text that a token may be a part of. */
const word = /[\w.-]+/g

/** The header of a compact token begins with a JSON object, in base64url: `eyJ`. */
function hideToken(found: string): string {
  const beginsAt = found.indexOf('eyJ')
  const isToken = beginsAt >= 0 && found.indexOf('.', beginsAt + 4) > 0
  return isToken ? `${found.slice(0, beginsAt)}[token]` : found
}

const namedSecret =
  /\b(password|passwd|secret|token|js_code|session_key|openid|appsecret)(["']?\s{0,8}=\s{0,8}|["']\s{0,8}:\s{0,8})["']?[^\s"'&,;}]+["']?/gi
