/** What is wrong with a password that somebody chose. The broker only ever sees its digest, so this is where it can be said. */
export function newPasswordProblem(password: string, repeat: string): 'tooShort' | 'different' | undefined {
  if ([...password].length < 8) return 'tooShort'
  return password === repeat ? undefined : 'different'
}
