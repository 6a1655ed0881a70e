import type { VerificationReading } from '../../domain/verification.ts'
import { type Log, writeLine } from '../../log/log.ts'

/** Lines about files that are not served; the first ones usually explain the rest. */
const maxLines = 10

/** Logs the outcome of reading WeChat's verification files. `signal` asked for it; undefined at the start. */
export function tellOfVerification(log: Log, reading: VerificationReading, signal?: string): void {
  if (reading === 'none') return
  const by = signal === undefined ? {} : { signal }
  if ('problem' in reading) {
    writeLine(log, 'verification-files-not-read', { ...by, reason: reading.problem })
    return
  }
  writeLine(log, 'verification-files-read', { ...by, count: reading.files.size })
  for (const { name, reason } of reading.leftOut.slice(0, maxLines))
    writeLine(log, 'verification-file-left-out', { file: name, reason })
}
