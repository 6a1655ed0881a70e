import fc from 'fast-check'

/** Text as MQTT takes it: any Unicode but NUL. */
export const anyText = fc.string({ unit: 'binary', maxLength: 20 }).map(text => text.replaceAll('\0', '~'))
/** A topic that may be published to. */
export const anyTopicText = anyText.map(text => `t${text.replaceAll(/[+#]/g, '-')}`)
export const anyBytes = fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes))
export const anyPacketId = fc.integer({ min: 1, max: 65_535 })
export const any32Bits = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff))
/** No value is empty: when its name comes again, mqtt-packet forgets it as it reads. */
export const anyUserPairs = fc.array(
  fc.tuple(
    anyText,
    anyText.map(text => text || '~'),
  ),
  { minLength: 1, maxLength: 8 },
)

/** User properties as mqtt-packet takes them: it writes those of one name together, so that they come in the order of the names. */
export function asUserProperties(pairs: readonly (readonly [string, string])[]): {
  readonly given: Record<string, string[]>
  readonly written: readonly (readonly [string, string])[]
} {
  const given: Record<string, string[]> = {}
  for (const [name, value] of pairs) {
    const key = `n${name}` // not a number, which an object would put first, nor __proto__
    given[key] = [...(given[key] ?? []), value]
  }
  const written = Object.entries(given).flatMap(([name, values]) => values.map(value => [name, value] as const))
  return { given, written }
}
