import { hasOwn, isJsonObject, isSameJson, type JsonObject, type JsonValue, mergePatch } from './json.ts'

/**
 * What one device said of itself, and what it was asked: each `set` is a wish, the newest of a property is the one that counts. Knows no time
 * and sends nothing.
 */
export interface DeviceWishes {
  /** What the device said, and over it the newest wishes that it has not answered, or whose older ones it may still answer. */
  shown(): JsonObject
  /** The properties of unanswered commands that no later command asks for, each once. */
  pending(): string[]
  /** True while something may still come of a command: its own answer, or a report that an older one caused. */
  has(id: string): boolean
  /** A command was sent. Gives the ids of those that it replaces: later commands ask for all of what they asked for. */
  sent(id: string, wanted: JsonObject): string[]
  /** The whole state as the broker has it. It may be older than a command, so that it answers none. */
  known(state: JsonObject): void
  /** A report, as the device sent it. Gives the ids of the commands that it answers. */
  reported(patch: JsonObject): string[]
  /** The device did it. */
  acknowledged(id: string): void
  /** It was refused, or not sent at all. Changes nothing once the device has acknowledged it. */
  refused(id: string): void
  /** Its time is over. True when it is done all the same: the last reports since it was sent say so. */
  expired(id: string): boolean
  /** No answer comes any more, to any command. */
  endAll(): void
}

interface Wish {
  readonly wanted: ReadonlyMap<string, JsonValue>
  /** The properties that no later command asks for. */
  readonly own: Set<string>
  /** The properties whose report has not come. */
  readonly awaited: Set<string>
  /** What was reported last of each property since it was sent. */
  readonly words: Map<string, Word>
  stage: 'pending' | 'replaced' | 'done'
  isAcknowledged: boolean
}

interface Word {
  readonly value: JsonValue | undefined
  /** False when an earlier command may have caused it. */
  readonly isAnswer: boolean
}

/** A device reports in the order in which it does things: of several wishes for one value a report answers the earliest. */
export function createDeviceWishes(): DeviceWishes {
  let said: JsonObject = {}
  /** In the order they were sent. */
  const wishes = new Map<string, Wish>()

  const asking = (property: string) => [...wishes.values()].filter(({ wanted }) => wanted.has(property))
  const after = (wish: Wish, property: string) => {
    const all = asking(property)
    return all.slice(all.indexOf(wish) + 1)
  }
  const isAwaited = (wish: Wish, property: string) => wish.awaited.has(property)
  const isUnanswered = (wish: Wish, property: string) => !wish.isAcknowledged && isAwaited(wish, property)

  /** Once it is done, it stays over what older commands make the device report, until its own report comes. */
  const isShown = (wish: Wish, property: string): boolean =>
    wish.own.has(property) &&
    (wish.stage === 'pending' || (isAwaited(wish, property) && !wish.words.get(property)?.isAnswer))

  /** Notes of every command of `property` what was just reported of it. */
  function heard(property: string): void {
    const value = valueIn(said, property)
    const all = asking(property)
    const cause = all.find(wish => isAwaited(wish, property) && isFulfilled(wish, property, value))
    let isAnswer = true
    for (const wish of all) {
      wish.words.set(property, { value, isAnswer })
      if (wish === cause && isAnswer) wish.awaited.delete(property)
      if (wish === cause || isUnanswered(wish, property)) isAnswer = false
    }
    const newest = all[all.length - 1]
    if (cause && cause !== newest) cause.awaited.delete(property)
  }

  const isDone = (wish: Wish, isEnough: (word: Word) => boolean): boolean =>
    wish.own.size > 0 &&
    [...wish.own].every(property => {
      const word = wish.words.get(property)
      return word !== undefined && isEnough(word) && isFulfilled(wish, property, word.value)
    })

  /** Forgets the commands of which nothing can come any more. */
  function tidy(): void {
    for (const [id, wish] of wishes) if (wish.stage !== 'pending' && wish.awaited.size === 0) wishes.delete(id)
  }

  return {
    shown() {
      const wanted = [...wishes.values()].flatMap(wish =>
        [...wish.wanted].filter(([property]) => isShown(wish, property)),
      )
      return wanted.length === 0 ? said : mergePatch(said, Object.fromEntries(wanted))
    },
    pending: () => [
      ...new Set([...wishes.values()].flatMap(({ stage, own }) => (stage === 'pending' ? [...own] : []))),
    ],
    has: id => wishes.has(id),
    sent(id, wanted) {
      const properties = Object.keys(wanted)
      const replaced: string[] = []
      for (const [olderId, older] of wishes) {
        const overtaken = properties.filter(property => older.own.delete(property))
        if (overtaken.length === 0 || older.own.size > 0 || older.stage !== 'pending') continue
        older.stage = 'replaced'
        replaced.push(olderId)
      }
      wishes.set(id, {
        wanted: new Map(Object.entries(wanted)),
        own: new Set(properties),
        awaited: new Set(properties),
        words: new Map(),
        stage: 'pending',
        isAcknowledged: false,
      })
      return replaced
    },
    known(state) {
      said = state
    },
    reported(patch) {
      said = mergePatch(said, patch)
      const asked = new Set([...wishes.values()].flatMap(({ wanted }) => [...wanted.keys()]))
      for (const property of asked) if (hasOwn(patch, property)) heard(property)
      const answered = [...wishes].filter(
        ([, wish]) => wish.stage === 'pending' && isDone(wish, ({ isAnswer }) => isAnswer),
      )
      for (const [, wish] of answered) wish.stage = 'done'
      tidy()
      return answered.map(([id]) => id)
    },
    acknowledged(id) {
      const wish = wishes.get(id)
      if (!wish) return
      // What the device said of it since, or did after it, counts more than what was wanted.
      const unsaid = [...wish.wanted].filter(
        ([property]) =>
          !wish.words.get(property)?.isAnswer && !after(wish, property).some(later => later.isAcknowledged),
      )
      said = mergePatch(said, Object.fromEntries(unsaid))
      wish.isAcknowledged = true
      wish.stage = 'done'
      tidy()
    },
    refused(id) {
      if (!wishes.get(id)?.isAcknowledged) wishes.delete(id)
    },
    expired(id) {
      const wish = wishes.get(id)
      const isDoneAnyway = wish?.stage === 'pending' && isDone(wish, () => true)
      wishes.delete(id)
      return isDoneAnyway
    },
    endAll: () => wishes.clear(),
  }
}

const valueIn = (state: JsonObject, property: string): JsonValue | undefined =>
  hasOwn(state, property) ? state[property] : undefined

/** True when asking for it again would change nothing. */
function isFulfilled({ wanted }: Wish, property: string, value: JsonValue | undefined): boolean {
  const wish = wanted.get(property)
  if (wish === undefined || wish === null) return value === undefined
  if (!isJsonObject(wish)) return isSameJson(value, wish)
  return isJsonObject(value) && isSameJson(value, mergePatch(value, wish))
}
