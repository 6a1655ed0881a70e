import { randomBytes } from 'node:crypto'
import { startSimulator } from '../../../devices/simulators/start-simulator.ts'
import type { App } from '../../app/app.ts'
import { openBackend } from '../../app/backend/open-backend.ts'
import type { Config } from '../../config/config.ts'
import { mqttUrlOf } from '../../protocol/broker-url.ts'
import { claimLink } from '../../protocol/claim-link.ts'
import type { Provisioning } from '../../registry/enrollment/provisioning.ts'
import { urlHost } from '../output/url-host.ts'

/** What `latchkey start --demo` adds to the broker. */
export interface Demo {
  /** The text for a newcomer: addresses, claim codes, the operator's password. Shown once, never logged. */
  readonly text: string
  stop(): Promise<void>
}

const simulated = [
  { id: 'demo-lamp', type: 'lamp', name: 'Lamp' },
  { id: 'demo-thermostat', type: 'thermostat', name: 'Thermostat' },
] as const
const operator = 'operator'

/** Registers the demo's devices and operator unless they exist, and connects the simulators like any other device. */
export async function startDemo(config: Config, app: Pick<App, 'ports' | 'sites' | 'events'>): Promise<Demo> {
  const backend = await openBackend(config)
  try {
    const devices = await Promise.all(simulated.map(wanted => ensureDevice(backend.provisioning, wanted)))
    const password = randomBytes(9).toString('base64url')
    const account = await backend.administration.addAccount({ username: operator, password, role: 'operator' })
    const url = `mqtt://${urlHost(config.host)}:${app.ports.mqtt}`
    const running = devices.map(({ id, type, secret }) => startSimulator({ type, url, id, secret }))
    // Nobody can hold the button of a simulated device.
    app.events.on('device-released', ({ deviceId }) => void running.find(({ id }) => id === deviceId)?.hold())
    return {
      text: textOf(config, app, devices, typeof account === 'string' ? undefined : password),
      stop: async () => {
        await Promise.all(running.map(simulator => simulator.stop()))
      },
    }
  } finally {
    await backend.close()
  }
}

interface DemoDevice {
  readonly id: string
  readonly type: string
  readonly secret: string
  /** Null when it was claimed already. */
  readonly claimCode: string | null
}

/** A device of an earlier run gets a new secret, since only hashes are kept. */
async function ensureDevice(provisioning: Provisioning, wanted: (typeof simulated)[number]): Promise<DemoDevice> {
  const added = await provisioning.addDevice(wanted)
  if (typeof added !== 'string') return added
  const reset = added === 'taken' ? await provisioning.resetDevice(wanted.id) : added
  if (typeof reset === 'string') throw new Error(`the demo's ${wanted.type} cannot be registered: ${reset}`)
  return { ...reset, type: wanted.type }
}

function textOf(
  config: Config,
  { ports, sites }: Pick<App, 'ports' | 'sites'>,
  devices: readonly DemoDevice[],
  password: string | undefined,
): string {
  const host = urlHost(config.host)
  const web = config.publicUrl ?? `http://${host}:${ports.http}`
  const rows = devices.map(
    ({ id, claimCode }) => `    ${id.padEnd(16)} ${claimCode ? `claim code ${claimCode}` : 'claimed'}`,
  )
  const [lamp] = devices
  const adding = lamp?.claimCode
    ? `
  Add ${lamp.id.padEnd(15)} ${web}/phone/?add=${encodeURIComponent(claimLink(lamp.id, lamp.claimCode, config.publicUrl))}\n`
    : ''
  const phone = sites.includes('phone')
    ? `
  Phone              ${web}/phone/
                     the mini-program in your browser: register, add a device with a claim code below, switch it
${adding}`
    : ''
  const console = sites.includes('console')
    ? `
  Console            ${web}/console/
                     for operators: who is connected, the live log, who did what; sign in as below
`
    : ''
  return `
  Latchkey is running.

    MQTT             mqtt://${host}:${ports.mqtt}
    WebSocket        ${mqttUrlOf(web)}
    keys             ${web}/.well-known/jwks.json
    data             ${config.dataDir}
${phone}${console}
  WeChat is a stand-in: the code sandbox:NAME:NONCE signs in the WeChat user NAME, once.

  Simulated devices
${rows.join('\n')}
    a device that you remove holds its own button: its code is valid again for two minutes

  Operator
    ${operator.padEnd(16)} ${password ? `password ${password} (shown this once)` : 'exists already; to set a new password: latchkey user password operator'}

  Next: npm run tour plays sign-in, claim and control with real clients, and prints every message.

`
}
