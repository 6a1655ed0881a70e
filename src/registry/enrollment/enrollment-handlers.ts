import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { EnrollmentStore } from '../../domain/enrollment.ts'
import type { Orders } from '../../domain/orders.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Clock, Handlers } from '../../domain/request.ts'
import { enrolledDeviceId, enrollmentMessage } from '../../protocol/operations/enrollment.ts'
import type { RequestOf } from '../../protocol/operations.ts'
import type { DeviceType } from '../types/device-type.ts'
import type { ThingModels } from '../types/thing-models.ts'
import { titleOfType } from '../types/title-of-type.ts'
import type { EnrollmentLimits } from './enrollment-limits.ts'
import { newCredentials, type Random } from './new-credentials.ts'
import type { ProductSecrets } from './product-secrets.ts'
import { newProduct } from './products.ts'

interface Options {
  readonly store: Pick<EnrollmentStore, 'productOf' | 'enroll'>
  readonly models: Pick<ThingModels, 'get'>
  readonly secrets: ProductSecrets
  readonly limits: EnrollmentLimits
  readonly orders: Orders
  readonly now: Clock
  /** How far a device's clock may be off, in either direction. */
  readonly windowSeconds: number
  readonly random?: Random
}

/**
 * Enrolls devices that have only the secret of their product. A wrong signature, an unknown type and a type that is not enabled get the same answer
 * in the same time; only a right signature learns more.
 */
export function createEnrollmentHandlers({
  store,
  models,
  secrets,
  limits,
  orders,
  now,
  windowSeconds,
  random = randomBytes,
}: Options): Handlers<'device/enroll'> {
  /** The device type, if the request may enroll a device of it. */
  async function enrollableType(request: RequestOf<'device/enroll'>): Promise<DeviceType | undefined> {
    const product = (await store.productOf(request.type)) ?? newProduct(request.type)
    const isRight = isSignatureOf(request, secrets(product))
    return isRight && product.enabled ? models.get(request.type) : undefined
  }

  return {
    async 'device/enroll'(request, { clientId, address, principal }) {
      const { type, serial, timestamp } = request
      const deviceId = enrolledDeviceId(type, serial)
      const limited = await limits.spend({ address, deviceId })
      if (limited) return limited
      const deviceType = await enrollableType(request)
      if (!deviceType) return refuse(4003)
      const nowMs = now()
      const aheadSeconds = timestamp - Math.floor(nowMs / 1000)
      if (Math.abs(aheadSeconds) > windowSeconds) return refuse(4003, { detail: clockOff(aheadSeconds) })

      const name = titleOfType(type, models)
      const { secret, claimCode, ...hashes } = newCredentials(random)
      const device = { id: deviceId, type, name, disabled: false, createdAtMs: nowMs }
      const enrolled = await store.enroll(device, hashes, timestamp)
      if (enrolled === 'taken') return refuse(2007)
      if (enrolled === 'replayed')
        return refuse(4003, { detail: 'timestamp: must be later than that of the last enrollment' })

      limits.refund({ address, deviceId })
      await orders.give('device-enrolled', { clientId, address, principal, deviceId, type })
      return { deviceId, secret, claimCode: enrolled.hasOwner ? null : claimCode }
    },
  }
}

/** The key is the text of the secret, not the bytes it encodes: a factory signs with what it copies. */
function isSignatureOf(request: RequestOf<'device/enroll'>, productSecret: string): boolean {
  const right = createHmac('sha256', productSecret).update(enrollmentMessage(request)).digest()
  return timingSafeEqual(right, Buffer.from(request.signature, 'hex'))
}

const clockOff = (aheadSeconds: number): string =>
  `timestamp: the device's clock is ${Math.abs(aheadSeconds)} s ${aheadSeconds > 0 ? 'ahead' : 'behind'}`
