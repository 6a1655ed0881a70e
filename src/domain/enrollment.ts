import type { Device, DeviceCredentials } from './device.ts'

/** A device type as a product: whose devices may enroll, and which of its secrets counts. */
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
  /** Answers with the product as it is now. */
  setProductEnabled(type: string, enabled: boolean): Promise<Product>
  /** The next generation, which counts from now on. */
  rotateProduct(type: string): Promise<Product>
  /**
   * Registers the device; or, when it enrolled before and was reset, replaces its credentials, and leaves out the claim code while it has an
   * owner. 'taken': a device has the id and may not enroll. 'replayed': `timestamp` is not greater than the last that was accepted. One
   * transaction: of two equal requests one is refused, and what is refused changes nothing.
   */
  enroll(
    device: Device,
    credentials: DeviceCredentials,
    timestamp: number,
  ): Promise<{ readonly hasOwner: boolean } | 'taken' | 'replayed'>
  /** Lets a device that has enrolled do so once more; nothing happens to any other. */
  allowEnrollingAgain(deviceId: string): Promise<void>
}
