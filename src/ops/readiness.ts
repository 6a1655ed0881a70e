import { statfs } from 'node:fs/promises'
import { fileProblem } from '../files/file-reason.ts'
import { withDeadline } from '../turns/with-deadline.ts'

/** Whether the process can do its work now. `problem` is the first thing that is wrong; it is absent when all is well. */
export interface Readiness {
  readonly problem?: string
  /** The outcome of each check: `ok`, or what is wrong. */
  readonly checks: Readonly<Record<string, string>>
}

interface Options {
  /** Each throws or rejects when its database cannot be written now. */
  readonly databases: Readonly<Record<string, () => void | Promise<void>>>
  /** Rejects when the broker does not deliver messages. */
  readonly broker: () => Promise<void>
  /** The address of an apparent proxy that is not trusted; undefined when there is none. It does not make the process less ready. */
  readonly proxies: () => string | undefined
  readonly disk: { readonly folder: string; readonly minFreeBytes: number }
}

const deadlineMs = 2000

/** Runs every check, for two seconds at most. Never rejects. */
export async function lookAtReadiness({ databases, broker, proxies, disk }: Options): Promise<Readiness> {
  const looks = [
    ...Object.entries(databases).map(([file, check]) => lookAt(file, 'cannot be written', async () => check())),
    lookAt('broker', 'does not deliver messages', broker),
    lookAt('disk', 'is short', () => checkDisk(disk)),
  ]
  const found = await Promise.all(looks)
  const wrong = found.find(([, outcome]) => outcome !== 'ok')
  const proxy = proxies()
  const told = proxy === undefined ? 'ok' : `X-Forwarded-For comes from ${proxy}, which is not in trustedProxies`
  return { ...(wrong && { problem: wrong.join(' ') }), checks: { ...Object.fromEntries(found), proxies: told } }
}

async function lookAt(name: string, complaint: string, look: () => Promise<void>): Promise<[string, string]> {
  try {
    await withDeadline(look(), deadlineMs, 'no answer in time')
    return [name, 'ok']
  } catch (cause) {
    return [name, `${complaint}: ${fileProblem(cause) ?? (cause instanceof Error ? cause.message : String(cause))}`]
  }
}

async function checkDisk({ folder, minFreeBytes }: Options['disk']): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < minFreeBytes)
    throw new Error(
      `${mib(bavail * bsize)} free for ${folder}, less than the ${mib(minFreeBytes)} of disk.minFreeBytes`,
    )
}

const mib = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`
