import type { EnrollmentStore, Product } from '../../domain/enrollment.ts'
import type { ThingModels } from '../types/thing-models.ts'
import type { ProductSecrets } from './product-secrets.ts'

/** A product with its secret, as an operator sees it. */
export interface ProductListing extends Product {
  readonly secret: string
}

/** What operators do with products. Works on the store alone, whether or not the broker runs; a running broker obeys at once. */
export interface Products {
  /** The product; nobody can enroll with its secret until it is enabled. */
  show(type: string): Promise<ProductListing | 'unknown-type'>
  enable(type: string): Promise<ProductListing | 'unknown-type'>
  /** Also works for a type that no longer exists. */
  disable(type: string): Promise<Product | 'unknown-type'>
  /** Makes a new secret. The old one is void at once; enrolled devices keep their own. */
  rotate(type: string): Promise<ProductListing | 'unknown-type'>
}

interface Options {
  readonly store: Pick<EnrollmentStore, 'productOf' | 'setProductEnabled' | 'rotateProduct'>
  readonly models: Pick<ThingModels, 'get'>
  readonly secrets: ProductSecrets
}

/** Every method rejects only with a fault of the store. */
export function createProducts({ store, models, secrets }: Options): Products {
  const listing = (product: Product): ProductListing => ({ ...product, secret: secrets(product) })
  const current = async (type: string) => (await store.productOf(type)) ?? newProduct(type)

  async function onKnown(type: string, act: () => Promise<Product>): Promise<ProductListing | 'unknown-type'> {
    return models.get(type) ? listing(await act()) : 'unknown-type'
  }

  return {
    show: type => onKnown(type, () => current(type)),
    enable: type => onKnown(type, () => store.setProductEnabled(type, true)),
    async disable(type) {
      if (!models.get(type) && !(await store.productOf(type))) return 'unknown-type'
      return store.setProductEnabled(type, false)
    },
    rotate: type => onKnown(type, () => store.rotateProduct(type)),
  }
}

/** A type that no operator has changed. */
export const newProduct = (type: string): Product => ({ type, generation: 1, enabled: false })
