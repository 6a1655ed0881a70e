import type { DoctorProbes } from '../cli/doctor/finding.ts'

/** The doctor's looks into the rooms that open databases and ask WeChat; each is loaded when it is asked. */
export const doctorProbes: DoctorProbes = {
  checkDatabase: async file => (await import('../store/check-database.ts')).checkDatabase(file),
  endingTokens: async (...asked) => (await import('../store/ending-tokens.ts')).endingTokens(...asked),
  isNewer: async file => (await import('./newer-folder.ts')).isNewer(file),
  namesAlike: async file => (await import('../store/names-alike.ts')).namesAlike(file),
  askWechat: async settings => (await import('../wechat/probe-wechat.ts')).probeWechat(settings),
}
