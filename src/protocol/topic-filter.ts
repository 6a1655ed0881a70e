/**
 * Topic names and topic filters as MQTT 3.1.1 section 4.7 defines them: matching, inclusion and intersection.
 * Pure functions on strings; none of them throws for any input.
 */

const maxTopicBytes = 65_535
const maxLevels = 32

const hasForbiddenCharacter = (text: string): boolean => /[\0\uFFFD\uD800-\uDFFF]/.test(text) && !isWellFormed(text)

function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0 || unit === 0xfffd) return false
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(++i)
      if (!(next >= 0xdc00 && next <= 0xdfff)) return false
    } else if (unit >= 0xdc00 && unit <= 0xdfff) return false
  }
  return true
}

const isSized = (text: string): boolean =>
  text.length > 0 && text.length <= maxTopicBytes && levelCount(text) <= maxLevels && !hasForbiddenCharacter(text)

function levelCount(text: string): number {
  let count = 1
  for (let i = text.indexOf('/'); i >= 0; i = text.indexOf('/', i + 1)) count++
  return count
}

/** True when `text` may be published to: not empty, no wildcard, no NUL, well-formed Unicode, at most 32 levels. */
export const isTopicName = (text: string): boolean => isSized(text) && !/[+#]/.test(text)

/** True when `text` may be subscribed to: `+` fills a level, `#` fills the last one [MQTT-4.7.1]. At most 32 levels. */
export function isTopicFilter(text: string): boolean {
  if (!isSized(text)) return false
  const levels = text.split('/')
  return levels.every((level, i) => level === '+' || (level === '#' ? i === levels.length - 1 : !/[+#]/.test(level)))
}

/** True when `topic` matches `filter` [MQTT-4.7]; a leading wildcard never matches a topic that begins with `$` [MQTT-4.7.2-1]. */
export const matchesFilter = (filter: string, topic: string): boolean => isTopicName(topic) && isSubset(topic, filter)

/** True when every topic that `inner` matches is matched by `outer`. */
export function isSubset(inner: string, outer: string): boolean {
  if (inner === outer) return true
  if (inner.startsWith('$') !== outer.startsWith('$')) return false
  const asked = inner.split('/')
  const allowed = outer.split('/')
  for (let i = 0; i < allowed.length; i++) {
    const pattern = allowed[i]
    if (pattern === '#') return true
    const level = asked[i]
    if (level === undefined || level === '#') return false
    if (pattern !== '+' && pattern !== level) return false
  }
  return asked.length === allowed.length
}

/** The filter that matches exactly the topics both `a` and `b` match, or undefined when there is none. */
export function intersectFilters(a: string, b: string): string | undefined {
  if (a.startsWith('$') !== b.startsWith('$')) return undefined
  const left = a.split('/')
  const right = b.split('/')
  const result: string[] = []
  for (let i = 0; ; i++) {
    const l = left[i]
    const r = right[i]
    if (l === '#') return [...result, ...right.slice(i)].join('/')
    if (r === '#') return [...result, ...left.slice(i)].join('/')
    if (l === undefined || r === undefined) return l === r ? result.join('/') : undefined
    if (l !== '+' && r !== '+' && l !== r) return undefined
    result.push(l === '+' ? r : l)
  }
}
