const token = /(^|=)eyJ[\w-]{8,}\.[\w-]+\.[\w-]*$/
const urlWithPassword = /^(--[\w-]+=)?[a-z][a-z0-9+.-]*:\/\/[^/\s@]*:[^/\s@]+@/i
const passwordOption = /^--?(pass(word|wd|phrase)?|pw|secret)(=|$)|^--password-stdin=./i

const seen = 'every process of this machine can read arguments, so take it for seen by others'

/** What to say of arguments that hold a secret, which every process of the machine can see; undefined when none does. */
export function secretArgument(args: readonly string[]): string | undefined {
  if (args.some(argument => token.test(argument)))
    return (
      `a token is no argument: ${seen}, and revoke it. ` +
      'Give one by --token-stdin or --token-file, and to logs and trace by LATCHKEY_TOKEN'
    )
  if (args.some(argument => urlWithPassword.test(argument)))
    return (
      `an address with a password is no argument: ${seen}. ` +
      'Who connects is said by --operator, or by a token in LATCHKEY_TOKEN'
    )
  const beforeDashes = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  if (beforeDashes.some(argument => passwordOption.test(argument)) || hasWordAfterName(args))
    return `a password is no argument: ${seen}, and choose another. It is asked for, or read from stdin with --password-stdin`
  return undefined
}

/** `latchkey user add NAME WORD`, whatever options stand between. */
function hasWordAfterName([group, verb = '', ...rest]: readonly string[]): boolean {
  if (group !== 'user' || !/^(add|password)$/.test(verb)) return false
  return rest.filter((argument, i) => !argument.startsWith('--') && rest[i - 1] !== '--role').length > 1
}
