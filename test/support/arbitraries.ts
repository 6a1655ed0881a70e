import fc from 'fast-check'
import { isTopicFilter, isTopicName } from '../../src/protocol/topic-filter.ts'

const level = fc.constantFrom('a', 'b', '', '$s')

/** Topic names of few, colliding levels. */
export const anyTopic = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map(levels => levels.join('/'))
  .filter(isTopicName)

/** Topic filters over the same levels. */
export const anyFilter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
  .filter(isTopicFilter)
