import { createHmac } from 'node:crypto'
import type { Product } from '../../domain/enrollment.ts'

/** The secret that all devices of a product are flashed with: 64 hex digits. It is derived from the master key and never stored. */
export type ProductSecrets = (product: Pick<Product, 'type' | 'generation'>) => string

/** HMAC-SHA256 of type, newline and generation. `masterKey` gives access to every product secret; losing it voids them all. */
export const createProductSecrets =
  (masterKey: Uint8Array): ProductSecrets =>
  ({ type, generation }) =>
    createHmac('sha256', masterKey).update(`${type}\n${generation}`).digest('hex')
