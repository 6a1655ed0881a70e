import * as z from 'zod/mini'

/** One entry of a token's `acl` claim, in EMQX's array form. The first entry that matches decides. */
export const aclEntrySchema = z.object({
  permission: z.enum(['allow', 'deny']),
  action: z.enum(['publish', 'subscribe', 'all']),
  topic: z.string().check(z.minLength(1), z.maxLength(1024)),
})
export type AclEntry = z.infer<typeof aclEntrySchema>

/** Whom a token speaks for: people's accounts are users or operators; integrations are services. */
export const tokenRoles = ['user', 'operator', 'service'] as const
export type TokenRole = (typeof tokenRoles)[number]

/** The claims of a Latchkey token (RFC 7519). `sub` is a random account id or a service's name; times are seconds since 1970. */
export const claimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.string().check(z.minLength(1), z.maxLength(64)),
  role: z.enum(tokenRoles),
  jti: z.string().check(z.minLength(1), z.maxLength(64)),
  iat: z.number(),
  exp: z.number(),
  acl: z.optional(z.array(aclEntrySchema).check(z.maxLength(256))),
})
export type Claims = z.infer<typeof claimsSchema>
