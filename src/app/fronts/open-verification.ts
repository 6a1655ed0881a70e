import type { Config } from '../../config/config.ts'
import type { VerificationReading } from '../../domain/verification.ts'
import { fileReason } from '../../files/file-reason.ts'
import { readVerificationFiles } from '../../http/sites/read-verification-files.ts'

/** WeChat's verification files. */
interface Verification {
  /** The files last read, by name. */
  files(): ReadonlyMap<string, Buffer>
  /** Reads the folder again. */
  reload(): VerificationReading
}

/** Reads the files of `wechat.verificationFolder`, if it is set. */
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
