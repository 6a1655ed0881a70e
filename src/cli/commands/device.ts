import type { Command } from 'commander'
import * as z from 'zod'
import { topics } from '../../protocol/topics.ts'
import type { DeviceListing } from '../../registry/enrollment/provisioning.ts'
import { answers, type CommandContext } from '../command-context.ts'
import { alignColumns } from '../output/align-columns.ts'
import { qrForTerminal, registerDeviceQr } from './device-qr.ts'

const noOptions = z.object({})
const addOptions = z.object({ type: z.string(), id: z.string().optional(), name: z.string().optional() })

/** `latchkey device …`: devices and their secrets. */
export function registerDeviceCommands(program: Command, context: CommandContext): void {
  const group = program.command('device').description('devices and their secrets')
  const identified = (verb: string, description: string) =>
    group.command(verb).description(description).argument('<id>', 'device id')

  const add = group.command('add').description('register a device; shows its secret and its claim code, once')
  add.requiredOption('--type <type>', 'its device type, for example lamp')
  add.option('--id <id>', 'its id; one is made when not given').option('--name <text>', 'the name people see')
  answers(add, context, addOptions, async (_names, { type, id, name }) => {
    const wanted = { type, ...(id !== undefined && { id }), ...(name !== undefined && { name }) }
    const device = await context.withBackend(backend => backend.provisioning.addDevice(wanted))
    if (typeof device === 'string') return { refused: whyNotAdded(device, wanted) }
    const { id: deviceId, secret, claimCode } = device
    const qr = context.stdout.isTTY ? `\n\n${await qrForTerminal(context, deviceId, claimCode)}` : ''
    return { value: { id: deviceId, type, secret, claimCode }, text: `${addedText(device)}${qr}` }
  })

  answers(group.command('list').description('all devices'), context, noOptions, async () => {
    const devices = await context.withBackend(backend => backend.provisioning.listDevices())
    return { value: devices.map(listed), text: tableOf(devices) }
  })

  const reset = identified(
    'reset',
    'give a device a new secret, and a new claim code when nobody owns it; it may enroll again',
  )
  answers(reset, context, noOptions, async ([id = '']) => {
    const device = await context.withBackend(backend => backend.provisioning.resetDevice(id))
    if (device === 'unknown') return { refused: noSuchDevice(id) }
    const { secret, claimCode } = device
    return { value: { id: device.id, secret, claimCode }, text: secretsText(device) }
  })

  registerDeviceQr(group, context)

  for (const disabled of [true, false]) {
    const verb = disabled ? 'disable' : 'enable'
    const command = identified(verb, disabled ? 'disconnect a device and keep it out' : 'let it connect again')
    answers(command, context, noOptions, async ([id = '']) => {
      const done = await context.withBackend(backend => backend.provisioning.setDisabled(id, disabled))
      if (done === 'unknown') return { refused: noSuchDevice(id) }
      return { value: { id, disabled }, text: `Device ${id} is ${verb}d${disabled ? '; an open session ends' : ''}.` }
    })
  }
}

const noSuchDevice = (id: string) => `there is no device ${JSON.stringify(id)}`

function whyNotAdded(
  why: 'taken' | 'unknown-type' | 'bad-id' | 'bad-name',
  { type, id = '', name = '' }: z.output<typeof addOptions>,
): string {
  switch (why) {
    case 'taken':
      return `there is a device ${JSON.stringify(id)} already`
    case 'unknown-type':
      return `there is no device type ${JSON.stringify(type)}: a type is a file in devices/types or a folder of devices.typeFolders`
    case 'bad-id':
      return `${JSON.stringify(id)} cannot be a device id: 1 to 64 of A-Z a-z 0-9 _ . : - and not "jwt"`
    case 'bad-name':
      return `${JSON.stringify(name)} cannot be a name: 1 to 64 characters, without control characters`
  }
}

interface Secrets {
  readonly id: string
  readonly secret: string
  readonly claimCode: string | null
}

const secretsText = ({ id, secret, claimCode }: Secrets): string =>
  [
    alignColumns([
      ['device id', id],
      ['secret', secret],
      ['claim code', claimCode ?? '(none: the device has an owner)'],
    ]),
    '',
    'Write them down now: neither the secret nor the claim code is shown again.',
  ].join('\n')

const addedText = (device: Secrets): string =>
  [
    secretsText(device),
    '',
    'The device connects with them, for example:',
    `  mosquitto_pub -h HOST -i ${device.id} -u ${device.id} -P ${device.secret} -t ${topics.state(device.id)} -m '{}'`,
    'Its owner adds it with the device id and the claim code.',
  ].join('\n')

const listed = ({ id, type, name, disabled, online, sinceMs, members }: DeviceListing) => ({
  id,
  type,
  name,
  disabled,
  online,
  since: Math.floor(sinceMs / 1000),
  members,
})

function tableOf(devices: readonly DeviceListing[]): string {
  if (devices.length === 0) return 'No devices yet. Register one with: latchkey device add --type lamp'
  const rows = devices.map(({ id, type, name, disabled, online, sinceMs, members }) => [
    id,
    type,
    disabled ? 'disabled' : online ? 'online' : 'offline',
    sinceMs === 0 ? 'never' : new Date(sinceMs).toISOString().slice(0, 16),
    members.find(member => member.role === 'owner')?.userId ?? '-',
    name,
  ])
  return alignColumns([['ID', 'TYPE', 'STATE', 'SINCE', 'OWNER', 'NAME'], ...rows])
}
