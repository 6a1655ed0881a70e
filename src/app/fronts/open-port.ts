import { codeOf } from '../../files/code-of.ts'

/** A port of the configuration. */
interface Place {
  readonly host: string
  readonly port: number
  /** The setting that names the port, and its variable. */
  readonly key: 'mqtt.port' | 'tls.port' | 'http.port' | 'https.port'
  readonly variable: string
}

/** Opens a listener. Rejects with what is wrong and which setting to change. */
export async function openPort<T>({ host, port, key, variable }: Place, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (cause) {
    const code = codeOf(cause)
    const advice = adviceOn(code, { host, key, variable })
    if (advice === undefined) throw cause
    throw new Error(`${key} ${port}: ${advice} (${code})`, { cause })
  }
}

function adviceOn(code: string, { host, key, variable }: Omit<Place, 'port'>): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `another program uses it: stop that program (ss -ltnp shows it), or set ${key} or ${variable}`
    case 'EACCES':
      return `this user may not open it: set ${key} or ${variable} to 1024 or more`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: set host or LATCHKEY_HOST`
    default:
      return undefined
  }
}
