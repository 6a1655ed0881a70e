import { hasOwn } from '../protocol/json.ts'
import { rules } from './policy.ts'

const others: Readonly<Record<string, string>> = {
  'no-rule': 'no rule allows it',
  'malformed-topic': 'it is no topic, or no topic filter: see MQTT 3.1.1 section 4.7',
  'below-dollar': 'nobody publishes below $',
  'retain-not-allowed': 'the message may be published, but not retained',
  'retained-full':
    'the integration has retained as much as it may: limits.retainedPerOwner, limits.retainedBytesPerOwner',
  'service-acl': 'the first entry of the acl that speaks of it says so',
  'service-bounds': 'it lies outside what any service may reach',
  'payload-too-large': 'the payload is larger than limits.maxEventBytes',
  'guest-qos': 'who is not signed in publishes at QoS 0 and 1',
  'will-is-no-request': 'a will is published when its client is gone: it cannot ask for anything',
  'too-many-filters': 'the session has subscribed as many filters as it may',
  'filter-too-long': 'a filter of anybody but an integration has at most 512 characters',
  'shared-not-allowed': 'only an integration may share a subscription with others ($share/…)',
  'too-many-filters-in-packet': 'one SUBSCRIBE asks for more filters than it may: those beyond it are refused',
  'reply-unheard':
    'the operation hands out a token or a secret, and nobody would hear its reply: subscribe reply/{client}/# before asking',
  'member-follows': 'a wildcard over devices stands for the devices that the user may see, now and later',
}

/** What a rule of the policy says, in a sentence; empty for an unknown rule. */
export function ruleMeaning(id: string): string {
  const rule = rules.find(one => one.id === id)
  if (!rule) return (hasOwn(others, id) && others[id]) || ''
  const who = rule.principals.length === 5 ? 'anybody' : rule.principals.join(' or ')
  const role = rule.roles ? ` whose role on the device is ${rule.roles.join(' or ')}` : ''
  return `${who}${role} may ${rule.action} ${rule.filters.join(', ')}`
}
