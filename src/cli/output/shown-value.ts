/** JSON in ASCII: what it escapes can neither control a terminal nor change the direction of a line. */
export const inAscii = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A value in a line for people: as it is if nothing in it can be misread, else as JSON in ASCII. */
export const shownValue = (value: unknown): string =>
  typeof value === 'string' && /^[\w.:/@+#-]+$/.test(value) ? value : inAscii(value)
