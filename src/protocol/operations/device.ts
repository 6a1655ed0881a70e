import * as z from 'zod/mini'
import { deviceIdSchema, displayNameSchema } from '../identifiers.ts'
import { nothingSchema, operation } from '../operation.ts'
import { thingModelSchema } from '../thing-model.ts'

/** What a member may do: the owner everything, a controller command, a viewer look. */
export const deviceRoles = ['owner', 'controller', 'viewer'] as const
export type DeviceRole = (typeof deviceRoles)[number]

/** A device as its members see it. */
export const deviceViewSchema = z.strictObject({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  role: z.enum(deviceRoles),
  online: z.boolean(),
  /** Milliseconds since 1970 of the last change of `online`; 0 when the device was never seen. */
  since: z.number(),
  /** The whole state: every value that the device reported and its type allows. */
  state: z.record(z.string(), z.unknown()),
  model: thingModelSchema,
})
export type DeviceView = z.infer<typeof deviceViewSchema>

/** A device of the list: who asks with `models: "once"` gets the model of a type with its first device alone. */
const listedDeviceSchema = z.extend(deviceViewSchema, { model: z.optional(thingModelSchema) })
export type ListedDevice = z.infer<typeof listedDeviceSchema>

/** A claim code as printed: letters and digits in groups; case and hyphens do not matter. */
const claimCodeSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(32), z.regex(/^[A-Za-z0-9-]+$/, 'must be letters, digits and hyphens'))

export const deviceOperations = {
  'device/list': operation({
    access: ['user'],
    summary:
      'list the devices that this user owns or shares; with `models: "once"` only the first device of a type has its model',
    request: z.object({ models: z.optional(z.enum(['once'])) }),
    data: z.array(listedDeviceSchema),
    codes: [],
  }),
  'device/claim': operation({
    access: ['user'],
    summary: 'become the owner of a device with its claim code',
    request: z.object({ deviceId: deviceIdSchema, code: claimCodeSchema }),
    data: deviceViewSchema,
    codes: [2001, 2002, 2003],
  }),
  'device/offer': operation({
    access: ['device'],
    summary:
      'allow a device without an owner, whose button is held, to be claimed with the code on its label again, for two minutes; `until` is null if the code is valid anyway',
    request: z.object({}),
    data: z.strictObject({
      /** Milliseconds since 1970. */
      until: z.nullable(z.number()),
    }),
    codes: [2003, 3001],
  }),
  'device/release': operation({
    access: ['user'],
    summary:
      'give up a device; its state is deleted. It can be claimed again after `device/offer`, or with a new code from an operator',
    request: z.object({ deviceId: deviceIdSchema }),
    data: nothingSchema,
    codes: [2001, 4003],
  }),
  'device/rename': operation({
    access: ['user'],
    summary: 'rename a device for all its members',
    request: z.object({ deviceId: deviceIdSchema, name: displayNameSchema }),
    data: nothingSchema,
    codes: [2001, 4003],
  }),
} as const
