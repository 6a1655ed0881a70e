import type { DoctorProbes } from '../cli/doctor/finding.ts'

/** The probes of `latchkey doctor` into databases and WeChat; each is loaded when it is needed. */
export const doctorProbes: DoctorProbes = {
  checkDatabase: async file => (await import('../data-folder/check-database.ts')).checkDatabase(file),
  endingTokens: async (...asked) => (await import('../store/inspection/ending-tokens.ts')).endingTokens(...asked),
  async isNewer(file, name) {
    const { newerLooks } = await import('./backend/newer-looks.ts')
    return (await import('../data-folder/newer-folder.ts')).isNewer(file, newerLooks[name])
  },
  namesAlike: async file => (await import('../store/inspection/names-alike.ts')).namesAlike(file),
  askWechat: async settings => (await import('../wechat/probe-wechat.ts')).probeWechat(settings),
}
