const token = /(^|=)eyJ[\w-]{8,}\.[\w-]+\.[\w-]*$/
const urlWithPassword = /^(--[\w-]+=)?[a-z][a-z0-9+.-]*:\/\/[^/\s@]*:[^/\s@]+@/i
const passwordOption = /^--?(pass(word|wd|phrase)?|pw|secret)(=|$)|^--password-stdin=./i

const seen = 'every process of this machine can read arguments, so consider it known to others'

/** What to say about arguments that contain a secret, which every process of the machine can see; undefined when none does. */
export function secretArgument(args: readonly string[]): string | undefined {
  if (args.some(argument => token.test(argument)))
    return (
      `a token must not be an argument: ${seen}, and revoke it. ` +
      'Use --token-stdin or --token-file, or LATCHKEY_TOKEN for logs and trace'
    )
  if (args.some(argument => urlWithPassword.test(argument)))
    return (
      `an address with a password must not be an argument: ${seen}. ` +
      'Sign in with --operator, or with a token in LATCHKEY_TOKEN'
    )
  const beforeDashes = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  if (beforeDashes.some(argument => passwordOption.test(argument)) || hasWordAfterName(args))
    return `a password must not be an argument: ${seen}, and choose another. You are asked for it, or use --password-stdin`
  return undefined
}

/** True for `latchkey user add NAME WORD`, whatever options are in between. */
function hasWordAfterName([group, verb = '', ...rest]: readonly string[]): boolean {
  if (group !== 'user' || !/^(add|password)$/.test(verb)) return false
  return rest.filter((argument, i) => !argument.startsWith('--') && rest[i - 1] !== '--role').length > 1
}
