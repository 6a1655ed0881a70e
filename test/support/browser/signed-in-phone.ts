import { createNodePhone, type NodePhone, type PhoneOptions } from './node-phone.ts'

export const typedPassword = 'correct horse'

/** A phone whose person just registered by the name of their WeChat user. */
export async function signedInPhone(options: PhoneOptions & { readonly user: string }): Promise<NodePhone> {
  const phone = createNodePhone(options)
  const arrival = await phone.session.start()
  if (arrival.next !== 'bind') throw new Error(`start answered ${JSON.stringify(arrival)}`)
  const registered = await phone.session.register(options.user, typedPassword)
  if (!registered.ok) throw new Error(`register answered ${JSON.stringify(registered)}`)
  return phone
}

/** The mini-program started on another phone of the same person: their token, and a WeChat of its own. */
export async function secondPhone(options: PhoneOptions & { readonly user: string }): Promise<NodePhone> {
  const phone = createNodePhone(options)
  const arrival = await phone.session.start()
  if (arrival.next !== 'home') throw new Error(`start answered ${JSON.stringify(arrival)}`)
  return phone
}
