/**
 * Topic names and topic filters as MQTT 3.1.1 section 4.7 defines them: matching, inclusion and intersection.
 * Pure functions on strings; none of them throws for any input.
 */

const maxLength = 65_535
const maxLevels = 32

const slash = 0x2f
const plus = 0x2b
const hash = 0x23
const replacement = 0xfffd // what ill-formed UTF-8 was decoded to

/**
 * The levels of a topic name or, with `wildcards`, of a filter; undefined when it is empty, longer than MQTT allows, deeper than 32
 * levels, holds NUL or ill-formed Unicode, or a wildcard that does not fill its level [MQTT-4.7.1]. One pass.
 */
function levelsOf(text: string, wildcards: boolean): string[] | undefined {
  if (text.length === 0 || text.length > maxLength) return undefined
  const levels: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === slash) {
      levels.push(text.slice(start, i))
      start = i + 1
    } else if (unit === plus || unit === hash) {
      const fillsLevel = i === start && (i + 1 === text.length || (unit === plus && text.charCodeAt(i + 1) === slash))
      if (!wildcards || !fillsLevel) return undefined
    } else if (unit === 0 || unit === replacement) return undefined
    else if (unit >= 0xd800 && unit <= 0xdfff) {
      const next = text.charCodeAt(++i)
      if (unit >= 0xdc00 || !(next >= 0xdc00 && next <= 0xdfff)) return undefined
    }
  }
  levels.push(text.slice(start))
  return levels.length > maxLevels ? undefined : levels
}

/** The levels of a topic name, or undefined when `text` may not be published to. */
export const splitTopicName = (text: string): string[] | undefined => levelsOf(text, false)

/** The levels of a topic filter, or undefined when `text` may not be subscribed to. */
export const splitTopicFilter = (text: string): string[] | undefined => levelsOf(text, true)

/** True when `text` may be published to: not empty, no wildcard, no NUL, well-formed Unicode, at most 32 levels. */
export const isTopicName = (text: string): boolean => splitTopicName(text) !== undefined

/** True when `text` may be subscribed to: `+` fills a level, `#` fills the last one [MQTT-4.7.1]. At most 32 levels. */
export const isTopicFilter = (text: string): boolean => splitTopicFilter(text) !== undefined

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
