/** What is wrong with a password that somebody chose, on the phone or on the command line. The broker only ever sees its digest. */
export function newPasswordProblem(password: string, repeat: string): 'tooShort' | 'different' | undefined {
  if ([...password].length < 8) return 'tooShort'
  return password === repeat ? undefined : 'different'
}
