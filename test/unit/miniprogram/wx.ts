import { join } from 'node:path'
import { vi } from 'vitest'
import type { Platform, SocketLike } from '../../../miniprogram/app/services/platform.ts'
import type { Session } from '../../../miniprogram/app/services/session.ts'

type Callback = (given: never) => void
type Options = { readonly [key: string]: unknown; readonly fail?: Callback }

/** What `wx.connectSocket` gives: the test plays WeChat. */
export interface WxTask {
  readonly sent: { readonly data: unknown; readonly fail?: Callback }[]
  readonly closed: object[]
  opened(): void
  received(data: ArrayBuffer | string): void
  failed(): void
  ended(code: number): void
}

/** Puts a `wx` with sockets in place; gives back each socket's other end. */
export function stubSockets({ refuses = false } = {}): WxTask[] {
  const tasks: WxTask[] = []
  vi.stubGlobal('wx', {
    connectSocket(options: { fail(cause: object): void }) {
      if (refuses) options.fail({ errMsg: 'too many sockets' })
      const on = new Map<string, (given: object) => void>()
      const task = { sent: [] as WxTask['sent'], closed: [] as object[] }
      tasks.push({
        ...task,
        opened: () => on.get('open')?.({}),
        received: data => on.get('message')?.({ data }),
        failed: () => on.get('error')?.({ errMsg: 'broken' }),
        ended: code => on.get('close')?.({ code, reason: '' }),
      })
      return {
        send: (options: WxTask['sent'][number]) => void task.sent.push(options),
        close: (options: Options) => void task.closed.push(options),
        onOpen: (listener: () => void) => void on.set('open', listener),
        onMessage: (listener: () => void) => void on.set('message', listener),
        onError: (listener: () => void) => void on.set('error', listener),
        onClose: (listener: () => void) => void on.set('close', listener),
      }
    },
  })
  return tasks
}

interface PlatformModules {
  readonly 'wx-socket': { createWxSocket(url: string, protocols: string[], heard: () => void): SocketLike }
  readonly 'shared-file': {
    createSharedFile(fileName: string): {
      write(text: string): Promise<boolean>
      share(): Promise<'shared' | 'cancelled' | 'failed'>
      remove(): void
    }
  }
  readonly 'wx-platform': { createWxPlatform(): Platform }
  readonly 'app-lifecycle': {
    createAppLifecycle(session: Pick<Session, 'shown' | 'hidden' | 'networkChanged'>): {
      onShow(): void
      onHide(): void
    }
  }
}

/** By a path that tsc does not follow: the types of `wx` are those of another project, where they replace Node's. */
export const importPlatform = <Name extends keyof PlatformModules>(name: Name): Promise<PlatformModules[Name]> =>
  import(join(import.meta.dirname, `../../../miniprogram/app/platform/${name}.ts`))
