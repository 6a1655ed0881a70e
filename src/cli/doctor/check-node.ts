import { type Finding, ok, problem } from './finding.ts'

const least = [20, 19] as const

/** Checks the version of Node.js. */
export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > least[0] || (major === least[0] && minor >= least[1])
  return isNewEnough
    ? ok('Node.js', version)
    : problem('Node.js', `${version} is too old`, `install Node.js ${least.join('.')} or newer`)
}
