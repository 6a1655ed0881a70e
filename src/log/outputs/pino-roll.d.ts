declare module 'pino-roll' {
  /** What pino-roll 4 is asked for here; what it makes is a SonicBoom of pino's. */
  interface RollOptions {
    readonly file: string
    readonly size: string
    readonly frequency?: 'daily' | 'hourly'
    readonly dateFormat?: string
    readonly limit: { readonly count: number; readonly removeOtherLogFiles: boolean }
    readonly maxLength: number
    readonly mode: number
  }
  interface RollingFile {
    write(line: string): boolean
    flushSync(): void
    end(): void
    on(event: 'error', listener: (error: Error) => void): this
    once(event: 'close', listener: () => void): this
  }
  const open: (options: RollOptions) => Promise<RollingFile>
  export default open
}
