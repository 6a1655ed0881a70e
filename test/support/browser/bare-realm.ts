import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { WebSocket } from 'ws'

/** JavaScript as in WeChat's logic layer: the language, timers, console and `wx`, and nothing of a browser or of Node; not even `globalThis`, which older phones lack. */
export interface BareRealm {
  /** Loads a CommonJS file, once, with what it requires by relative paths. */
  load(file: string): unknown
  /** How many bytes each socket sent, in the order they were opened, frame by frame. */
  readonly frames: number[][]
}

interface Sending {
  readonly data: string | ArrayBuffer
  readonly success?: (result: object) => void
  readonly fail?: (result: object) => void
}

/** What came into the language after 2019, taken away. */
const asOf2019 = `
  delete Array.prototype.at; delete String.prototype.at; delete Object.getPrototypeOf(Uint8Array.prototype).at
  for (const name of ['findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with']) delete Array.prototype[name]
  for (const name of ['matchAll', 'replaceAll', 'isWellFormed', 'toWellFormed']) delete String.prototype[name]
  for (const name of ['any', 'allSettled', 'withResolvers', 'try']) delete Promise[name]
  for (const name of ['hasOwn', 'groupBy']) delete Object[name]
  delete Array.fromAsync; delete Map.groupBy
  for (const name of ['globalThis', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'WeakRef', 'FinalizationRegistry', 'AggregateError', 'structuredClone', 'Iterator'])
    delete this[name]
`

/** With `of2019` the language is that of phones of then: iOS 12.2, Chrome 73. */
export function createBareRealm({ of2019 = false } = {}): BareRealm {
  const frames: number[][] = []
  const wx = { connectSocket }
  const context = createContext({ console, setTimeout, clearTimeout, setInterval, clearInterval, wx })

  if (of2019) runInContext(asOf2019, context)

  /** As WeChat's: frames are text or an ArrayBuffer of the realm, never a view. */
  function connectSocket({ url, protocols }: { url: string; protocols: string[] }) {
    const socket = new WebSocket(url, protocols)
    socket.binaryType = 'nodebuffer'
    const sent: number[] = []
    frames.push(sent)
    const buffers = runInContext('size => new ArrayBuffer(size)', context) as (size: number) => ArrayBuffer
    return {
      onOpen: (listener: (result: object) => void) => void socket.on('open', () => listener({})),
      onClose: (listener: (result: object) => void) =>
        void socket.on('close', (code, reason) => listener({ code, reason: reason.toString() })),
      onError: (listener: (result: object) => void) =>
        void socket.on('error', ({ message }) => listener({ errMsg: message })),
      onMessage: (listener: (result: object) => void) =>
        void socket.on('message', (bytes: Buffer) => {
          const data = buffers(bytes.length)
          new Uint8Array(data).set(bytes)
          listener({ data })
        }),
      send({ data, success, fail }: Sending) {
        if (typeof data !== 'string' && Object.prototype.toString.call(data) !== '[object ArrayBuffer]')
          return fail?.({ errMsg: 'sendSocketMessage:fail data should be String or ArrayBuffer' })
        const bytes = typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data)
        sent.push(bytes.length)
        socket.send(bytes, error => (error ? fail?.({ errMsg: error.message }) : success?.({})))
      },
      close({ code = 1000 }: { code?: number } = {}) {
        socket.close(code)
      },
    }
  }

  const loaded = new Map<string, { exports: unknown }>()

  function load(file: string): unknown {
    const known = loaded.get(file)
    if (known) return known.exports
    const module = runInContext('({ exports: {} })', context) as { exports: unknown }
    loaded.set(file, module)
    const body = `(module, exports, require, globalThis) => {${readFileSync(file, 'utf8')}\n}`
    const run = runInContext(body, context, { filename: file }) as (...given: unknown[]) => void
    run(module, module.exports, (path: string) => load(join(dirname(file), path)))
    return module.exports
  }

  return { frames, load }
}
