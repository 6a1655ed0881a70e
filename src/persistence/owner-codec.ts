import * as z from 'zod'
import type { Principal } from '../domain/principal.ts'
import { aclEntrySchema } from '../protocol/claims.ts'

const token = z.object({ id: z.string(), expiresAtMs: z.number(), familyId: z.exactOptional(z.string()) })
const account = { userId: z.string(), username: z.string(), token }
const ownerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), ...account }).transform(user => ({ ...user, grants: new Map() })),
  z.object({ kind: z.literal('operator'), ...account }),
  z.object({ kind: z.literal('device'), deviceId: z.string(), type: z.string() }),
  z.object({ kind: z.literal('service'), name: z.string(), acl: z.array(aclEntrySchema), token }),
])

/** A principal as text, without a user's grants: those are looked up when it is read. */
export const encodeOwner = (owner: Principal): string =>
  JSON.stringify(owner, (key, value: unknown) => (key === 'grants' ? undefined : value))

/** The principal; a user comes without grants. Throws when the text is no principal. */
export const decodeOwner = (text: string): Principal => ownerSchema.parse(JSON.parse(text))
