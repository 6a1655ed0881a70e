import { isIdentifier } from '../protocol/identifiers.ts'
import type { DeviceRole } from '../protocol/operations/device.ts'
import { filterInShared, isShared } from '../protocol/shared-filter.ts'
import { intersectFilters, isSubset, isTopicName, splitTopicFilter, splitTopicName } from '../protocol/topic-filter.ts'
import { applicationRoot, brokerRoot, devicesRoot, operatorRoot, topicTemplates } from '../protocol/topics.ts'
import type { PrincipalKind, ServicePrincipal, Subject } from './principal.ts'

/** The answer of the policy, and the rule that gave it: the same id in the log, in `explain` and in docs/protocol.md. */
export interface Decision {
  readonly allowed: boolean
  readonly rule: string
  /** True for a subscription with a wildcard over devices: it is kept as exact subscriptions, in step with the user's grants. */
  readonly follows?: true
}

type PolicyAction = 'publish' | 'subscribe'

/**
 * One row of the policy (the table in docs/protocol.md). In `filters`, `{client}` is the session's own client id and `{device}` a device it may reach. A
 * client id that is no identifier, as a service may have, does not match `{client}`: written into a topic it could be somebody else's.
 */
export interface Rule {
  readonly id: string
  readonly principals: readonly PrincipalKind[]
  readonly action: PolicyAction
  readonly filters: readonly string[]
  /** For users: the roles on `{device}` that the rule requires. */
  readonly roles?: readonly DeviceRole[]
  /** Publishing with the retain flag is allowed too. */
  readonly retain?: true
}

const template = (text: string) => text.replace(/\{(operation|kind|action|name)\}/g, '+')
const commands = [template(topicTemplates.set), template(topicTemplates.invoke)]
const reports = [topicTemplates.ack, template(topicTemplates.event)]
const everyone = ['guest', 'user', 'operator', 'device', 'service'] as const

/** Deny by default: what no row allows is refused. */
export const rules: readonly Rule[] = [
  { id: 'own-requests', principals: everyone, action: 'publish', filters: ['request/{client}/#'] },
  { id: 'own-replies', principals: everyone, action: 'subscribe', filters: ['reply/{client}/#', 'notify/{client}/#'] },
  { id: 'member-commands', principals: ['user'], roles: ['owner', 'controller'], action: 'publish', filters: commands },
  {
    id: 'member-reads-all',
    principals: ['user'],
    roles: ['owner', 'controller'],
    action: 'subscribe',
    filters: ['devices/{device}/#'],
  },
  {
    id: 'viewer-reads',
    principals: ['user'],
    roles: ['viewer'],
    action: 'subscribe',
    filters: [topicTemplates.state, topicTemplates.presence, ...reports],
  },
  { id: 'device-state', principals: ['device'], action: 'publish', filters: [topicTemplates.state], retain: true },
  { id: 'device-reports', principals: ['device'], action: 'publish', filters: reports },
  { id: 'device-commands', principals: ['device'], action: 'subscribe', filters: commands },
  { id: 'operator-commands', principals: ['operator'], action: 'publish', filters: commands.map(anyDevice) },
  {
    id: 'operator-reads',
    principals: ['operator'],
    action: 'subscribe',
    filters: [`${devicesRoot}/#`, `${operatorRoot}/#`, '$SYS/#'],
  },
]

/** What a service's `acl` may reach at most; within it, the `acl` decides. */
export const serviceBounds: Readonly<Record<PolicyAction, readonly string[]>> = {
  publish: [`${applicationRoot}/#`, ...commands.map(anyDevice)],
  subscribe: [`${applicationRoot}/#`, `${devicesRoot}/#`, `${brokerRoot}/#`],
}

function anyDevice(filter: string): string {
  return filter.replace('{device}', '+')
}

interface CompiledRule extends Rule {
  readonly split: readonly (readonly string[])[]
  readonly allow: Decision
}

const byPrincipal = (action: PolicyAction): Readonly<Record<PrincipalKind, readonly CompiledRule[]>> => {
  const compiled = rules
    .filter(rule => rule.action === action)
    .map(rule => ({
      ...rule,
      split: rule.filters.map(filter => filter.split('/')),
      allow: { allowed: true, rule: rule.id },
    }))
  const of = (kind: PrincipalKind) => compiled.filter(rule => rule.principals.includes(kind))
  return {
    guest: of('guest'),
    user: of('user'),
    operator: of('operator'),
    device: of('device'),
    service: of('service'),
  }
}
const compiled: Readonly<Record<PolicyAction, Readonly<Record<PrincipalKind, readonly CompiledRule[]>>>> = {
  publish: byPrincipal('publish'),
  subscribe: byPrincipal('subscribe'),
}

const denied = (rule: string): Decision => ({ allowed: false, rule })
const noRule = denied('no-rule')
const notATopic = denied('malformed-topic')
const belowDollar = denied('below-dollar')
const retainRefused = denied('retain-not-allowed')
const allowedByAcl: Decision = { allowed: true, rule: 'service-acl' }
const deniedByAcl = denied('service-acl')
const outsideBounds = denied('service-bounds')
const sharedNotAllowed = denied('shared-not-allowed')
const memberFollow: Decision = { allowed: true, rule: 'member-follows', follows: true }

/** May `subject` publish to `topic`? Pure; never throws, for any string. */
export function decidePublish(subject: Subject, topic: string, retain = false): Decision {
  if (topic.startsWith('$')) return belowDollar
  const levels = splitTopicName(topic)
  if (!levels) return notATopic
  const rule = firstRule('publish', subject, levels)
  if (rule) return retain && !rule.retain ? retainRefused : rule.allow
  if (subject.principal.kind !== 'service') return noRule
  const decision = decideByAcl(subject.principal, 'publish', topic)
  return decision.allowed && retain && levels[0] !== applicationRoot ? retainRefused : decision
}

/**
 * May `subject` subscribe to `filter`? Only when every topic that the filter matches is allowed or, for a user, when it ranges over devices: then the
 * decision has `follows`, and {@link followedFilters} says what it stands for today. Of a shared subscription, which is for services alone, the filter in it is judged.
 */
export function decideSubscribe(subject: Subject, filter: string): Decision {
  if (!isShared(filter)) return decideReading(subject, filter)
  if (subject.principal.kind !== 'service') return sharedNotAllowed
  const shared = splitTopicFilter(filter) && filterInShared(filter)
  return shared === undefined ? notATopic : decideReading(subject, shared)
}

function decideReading(subject: Subject, filter: string): Decision {
  const levels = splitTopicFilter(filter)
  if (!levels) return notATopic
  const rule = firstRule('subscribe', subject, levels)
  if (rule) return rule.allow
  if (subject.principal.kind === 'user' && rangesOverDevices(levels)) return memberFollow
  return subject.principal.kind === 'service' ? decideByAcl(subject.principal, 'subscribe', filter) : noRule
}

/** May a message on `topic` be delivered to `subject`? Asked on every delivery: live, queued and retained. */
export const decideDelivery = (subject: Subject, topic: string): Decision =>
  isTopicName(topic) ? decideReading(subject, topic) : notATopic

/** The exact filters for which a user's `filter` over devices stands on one device, given the user's role on it. */
export function followedFilters(filter: string, deviceId: string, role: DeviceRole): string[] {
  const found: string[] = []
  for (const rule of compiled.subscribe.user) {
    if (!rule.roles?.includes(role)) continue
    for (const allowed of rule.filters) {
      const exact = intersectFilters(filter, allowed.replace('{device}', deviceId))
      if (exact !== undefined) found.push(exact)
    }
  }
  return found
}

const rangesOverDevices = (levels: readonly string[]): boolean =>
  levels[0] === devicesRoot && (levels[1] === '#' || (levels[1] === '+' && levels.length > 2))

/** The first row that covers `levels`; a topic name is the filter that matches only itself, so one walk serves both. */
function firstRule(action: PolicyAction, subject: Subject, levels: readonly string[]): CompiledRule | undefined {
  for (const rule of compiled[action][subject.principal.kind]) {
    for (const allowed of rule.split) {
      if (covers(rule, allowed, subject, levels)) return rule
    }
  }
  return undefined
}

function covers(rule: Rule, allowed: readonly string[], subject: Subject, levels: readonly string[]): boolean {
  for (let i = 0; i < allowed.length; i++) {
    const pattern = allowed[i]
    if (pattern === '#') return true
    const level = levels[i]
    if (level === undefined || level === '#') return false
    if (pattern === '+') continue
    if (
      pattern === '{client}'
        ? level !== subject.clientId || !isIdentifier(level)
        : pattern === '{device}'
          ? !reaches(rule, subject, level)
          : pattern !== level
    )
      return false
  }
  return levels.length === allowed.length
}

function reaches(rule: Rule, { principal }: Subject, deviceId: string): boolean {
  if (principal.kind === 'device') return principal.deviceId === deviceId
  if (principal.kind !== 'user') return false
  const role = principal.grants.get(deviceId)
  return role !== undefined && rule.roles?.includes(role) === true
}

/** The first entry that covers all of `filter` decides; a denied part of it, however small, refuses the whole filter. */
function decideByAcl(principal: ServicePrincipal, action: PolicyAction, filter: string): Decision {
  if (!serviceBounds[action].some(bound => isSubset(filter, bound))) return outsideBounds
  for (const entry of principal.acl) {
    if (entry.action !== action && entry.action !== 'all') continue
    if (entry.permission === 'deny' && intersectFilters(filter, entry.topic) !== undefined) return deniedByAcl
    if (entry.permission === 'allow' && isSubset(filter, entry.topic)) return allowedByAcl
  }
  return noRule
}
