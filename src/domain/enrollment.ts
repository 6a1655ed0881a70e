import type { Device, DeviceCredentials } from './device.ts'

/** A device type as a product: whether its devices may enroll, and which of its secrets is valid. */
export interface Product {
  readonly type: string
  /** From 1; one more with every rotation. */
  readonly generation: number
  readonly enabled: boolean
}

/** Products and enrollments. Implemented by src/store. Every method may reject with a fault of the database. */
export interface EnrollmentStore {
  /** Undefined for a type that was never enabled or rotated: generation 1, not enabled. */
  productOf(type: string): Promise<Product | undefined>
  /** Resolves with the product as it is now. */
  setProductEnabled(type: string, enabled: boolean): Promise<Product>
  /** Resolves with the next generation, which is valid from now on. */
  rotateProduct(type: string): Promise<Product>
  /**
   * Registers the device; or, when it enrolled before and was reset, replaces its credentials, and leaves out the claim code while it has an owner.
   * 'taken': a device with this id exists and may not enroll. 'replayed': `timestamp` is not greater than the last that was accepted. One transaction: of two
   * equal requests one is refused, and a refused request changes nothing.
   */
  enroll(
    device: Device,
    credentials: DeviceCredentials,
    timestamp: number,
  ): Promise<{ readonly hasOwner: boolean } | 'taken' | 'replayed'>
  /** Lets a device that has enrolled do so once more; for any other it does nothing. */
  allowEnrollingAgain(deviceId: string): Promise<void>
}
