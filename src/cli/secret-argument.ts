const token = /(^|=)eyJ[\w-]{8,}\.[\w-]+\.[\w-]*$/
const urlWithPassword = /^(--[\w-]+=)?[a-z][a-z0-9+.-]*:\/\/[^/\s@]*:[^/\s@]+@/i

/** What to say of arguments that hold a secret, which every process of the machine can see; undefined when none does. */
export function secretArgument(args: readonly string[]): string | undefined {
  if (args.some(argument => token.test(argument)))
    return (
      'a token is no argument: every process of this machine can read arguments, so take it for seen by others, and revoke it. ' +
      'Give one by --token-stdin or --token-file, and to logs and trace by LATCHKEY_TOKEN'
    )
  if (args.some(argument => urlWithPassword.test(argument)))
    return (
      'an address with a password is no argument: every process of this machine can read arguments, so take it for seen by others. ' +
      'Who connects is said by --operator, or by a token in LATCHKEY_TOKEN'
    )
  return undefined
}
