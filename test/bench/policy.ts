import { decidePublish } from '../../src/domain/policy.ts'
import type { Grants, Principal, Subject } from '../../src/domain/principal.ts'
import { topics } from '../../src/protocol/topics.ts'

function decisionsPerSecond(subject: Subject, topic: string, count: number): number {
  let allowed = 0
  const startedAt = performance.now()
  for (let i = 0; i < count; i++) if (decidePublish(subject, topic).allowed) allowed++
  if (allowed !== count) throw new Error('the policy refused what it must allow')
  return (count * 1000) / (performance.now() - startedAt)
}

const user = (devices: number): Principal => {
  const grants: Grants = new Map(Array.from({ length: devices }, (_, i) => [`device-${i}`, 'owner'] as const))
  return { kind: 'user', userId: 'u', username: 'u', grants, token: { id: 't', expiresAtMs: 0 } }
}

function bytesPerDecision(subject: Subject, topic: string, count: number): number {
  const before = process.memoryUsage().heapUsed
  decisionsPerSecond(subject, topic, count)
  return Math.max(0, process.memoryUsage().heapUsed - before) / count
}

/** The policy's publish decision, not remembered: asked afresh each time. */
export function benchPolicy(count: number): void {
  const device: Subject = { clientId: 'd1', principal: { kind: 'device', deviceId: 'd1', type: 'lamp' } }
  decisionsPerSecond(device, topics.state('d1'), count) // warm-up
  const rate = decisionsPerSecond(device, topics.state('d1'), count)
  console.log(`policy: ${(rate / 1e6).toFixed(2)} M publish decisions/s for a device on its own topic (bar 1 M)`)

  const few: Subject = { clientId: 'c', principal: user(1) }
  const many: Subject = { clientId: 'c', principal: user(10_000) }
  const topic = topics.set('device-0')
  decisionsPerSecond(many, topic, count)
  const ratio = decisionsPerSecond(many, topic, count) / decisionsPerSecond(few, topic, count)
  const growth = bytesPerDecision(many, topic, 5000) - bytesPerDecision(few, topic, 5000)
  console.log(
    `policy: ${ratio.toFixed(2)} × the speed with 10,000 grants as with one; ${growth.toFixed(0)} bytes more a decision`,
  )
}
