/** Reasons for closing a connection because of its bytes; the log's `reason` says more after a colon. Anybody who finds the port can cause them. */
const badBytes: readonly string[] = [
  'not-mqtt',
  'not-http',
  'bad-proxy-header',
  'bad-handshake',
  'protocol-violation',
  'packet-too-large',
  'unsupported-protocol',
]

/** True for a reason that is about bytes and not about their sender: nobody has tried to sign in. */
export const isAboutBytes = (reason: string): boolean => badBytes.includes(nameOf(reason))

/** A reason without its figures, so that there is a bounded number of them: `packet-too-large: CONNECT of`. */
export const kindOfReason = (reason: string): string => /^[a-z-]+(: [A-Za-z ]*[A-Za-z])?/.exec(reason)?.[0] ?? ''

const nameOf = (reason: string): string => reason.split(':', 1)[0] ?? ''
