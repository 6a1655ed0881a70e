import type { Config } from '../../config/config.ts'
import type { DatabaseName } from '../../data-folder/data-files.ts'
import { fileProblem } from '../../files/file-reason.ts'

/** The result of one check: one line of `latchkey doctor`. */
export interface Finding {
  /** What was checked, in a word or two. */
  readonly check: string
  readonly outcome: 'ok' | 'warning' | 'problem'
  readonly found: string
  /** What to do about it. */
  readonly advice?: string
}

/** The answer of WeChat's server to an invalid code. */
export type WechatAnswer =
  | { readonly errcode: number; readonly dateMs?: number }
  | { readonly unreachable: string; readonly dateMs?: number }

/** How the doctor looks into what only other rooms may open. */
export interface DoctorProbes {
  /** What SQLite's own check says of a database file, opened read-only; `ok` when it is intact. Rejects when it cannot be opened. */
  checkDatabase(file: string): Promise<string>
  /** True when a newer version of this program wrote the database file. */
  isNewer(file: string, name: DatabaseName): Promise<boolean>
  /** The tokens of integrations in a database file that expire between two moments, and were neither revoked nor rotated. Rejects when it cannot be read. */
  endingTokens(
    file: string,
    afterMs: number,
    beforeMs: number,
  ): Promise<readonly { readonly service: string; readonly tokenId: string; readonly expiresAtMs: number }[]>
  /** Groups of user names in it that people would take for the same. */
  namesAlike(file: string): Promise<string[][]>
  askWechat(settings: { readonly base: string; readonly appid: string; readonly secret: string }): Promise<WechatAnswer>
}

export interface Patient {
  readonly config: Config
  readonly probes: DoctorProbes
  readonly nowMs: number
}

export const ok = (check: string, found: string): Finding => ({ check, outcome: 'ok', found })
export const warning = (check: string, found: string, advice: string): Finding => ({
  check,
  outcome: 'warning',
  found,
  advice,
})
export const problem = (check: string, found: string, advice: string): Finding => ({
  check,
  outcome: 'problem',
  found,
  advice,
})

/** A sentence about anything that was thrown. */
export const reasonOf = (error: unknown): string =>
  fileProblem(error) ?? (error instanceof Error ? error.message : String(error))
