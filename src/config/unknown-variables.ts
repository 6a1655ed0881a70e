import { nearestName } from './nearest-name.ts'

/** An environment variable that looks like a setting but is not. */
export interface UnknownVariable {
  readonly variable: string
  /** The most similar name of a setting. */
  readonly nearest: string
}

/** Variables that other parts of the project read: commands, tests, and the programs for devices. */
export const otherVariables = {
  token: 'LATCHKEY_TOKEN',
  tests: ['LATCHKEY_REQUIRE_CHROMIUM', 'LATCHKEY_FUZZ_SEED', 'LATCHKEY_FUZZ_BATCH'],
  devices: [
    'LATCHKEY_CA',
    'LATCHKEY_DEVICE_ID',
    'LATCHKEY_DEVICE_SECRET',
    'LATCHKEY_PRODUCT_SECRET',
    'LATCHKEY_SERIAL',
  ],
} as const

/** True for variables that Kubernetes sets for a service named `latchkey`. */
const isServiceLink = (name: string, value = ''): boolean =>
  /^LATCHKEY_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)$/.test(name) ||
  (name === 'LATCHKEY_PORT' && value.includes('://'))
/** Typing errors that still make a variable without our prefix a mistyped setting. */
const maxSlips = 2

/** The unknown variables of `env`: those that begin with `LATCHKEY_`, and those spelled almost like one of `settings`. */
export function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly string[],
): UnknownVariable[] {
  const names = [...settings, otherVariables.token]
  const known = new Set<string>([...names, ...otherVariables.tests, ...otherVariables.devices])
  return Object.entries(env).flatMap(([variable, value]) => {
    if (known.has(variable) || isServiceLink(variable, value)) return []
    const { name: nearest, slips } = nearestName(variable, names)
    return slips <= maxSlips || /^LATCHKEY_/i.test(variable) ? [{ variable, nearest }] : []
  })
}
