/**
 * `text` without what may be a secret in it: credentials and the query of an address, tokens, values that are named like secrets. Every pattern
 * looks at each character a bounded number of times, whatever the text: a stranger writes it.
 */
export const hideSecrets = (text: string): string =>
  text.replace(address, hideInAddress).replace(word, hideToken).replace(namedSecret, '$1$2[hidden]')

/** All of what may be an address, whatever stands in it, so that no part of it is looked at again. */
const address = /\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"'<>]*/gi
const credentials = /:\/\/[^\s/@]*@/g

function hideInAddress(found: string): string {
  const plain = found.replace(credentials, '://')
  const queryAt = plain.search(/[?#]/)
  return queryAt < 0 || queryAt === plain.length - 1 ? plain : `${plain.slice(0, queryAt)}?…`
}

/** All of what a token may be a part of. */
const word = /[\w.-]+/g

/** The header of a compact token begins with a JSON object, in base64url: `eyJ`. */
function hideToken(found: string): string {
  const beginsAt = found.indexOf('eyJ')
  const isToken = beginsAt >= 0 && found.indexOf('.', beginsAt + 4) > 0
  return isToken ? `${found.slice(0, beginsAt)}[token]` : found
}

const namedSecret =
  /\b(password|passwd|secret|token|js_code|session_key|openid|appsecret)(["']?\s{0,8}=\s{0,8}|["']\s{0,8}:\s{0,8})["']?[^\s"'&,;}]+["']?/gi
