import type { Config } from '../../config/config.ts'
import type { VerificationReading } from '../../domain/verification.ts'
import { fileReason } from '../../files/file-reason.ts'
import { readVerificationFiles } from '../../http/sites/read-verification-files.ts'

/** The files that WeChat asks a domain for. */
interface Verification {
  /** By their names, as they were read last. */
  files(): ReadonlyMap<string, Buffer>
  /** Reads them again. */
  reload(): VerificationReading
}

/** Reads the files of `wechat.verificationFolder`, where there is one. */
export function openVerification({ wechat: { verificationFolder: folder } }: Config): Verification {
  let files: ReadonlyMap<string, Buffer> = new Map()
  const reload = (): VerificationReading => {
    if (folder === undefined) return 'none'
    try {
      const read = readVerificationFiles(folder)
      files = read.files
      return read
    } catch (error) {
      return { problem: `${folder} cannot be read: ${fileReason(error)}` }
    }
  }
  reload()
  return { files: () => files, reload }
}
