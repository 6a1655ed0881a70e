import { existsSync } from 'node:fs'

/** Where a Chromium is: CHROMIUM names it, or it stands where Debian puts it. Undefined when there is none. */
export function findChromium(): string | undefined {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    path => path !== undefined && path !== '' && existsSync(path),
  )
}

/** True when tests in a browser are skipped, which is said once. With LATCHKEY_REQUIRE_CHROMIUM=1 a missing Chromium is an error. */
export function skipWithoutChromium(): boolean {
  if (findChromium()) return false
  const message = 'no Chromium: install it (apt-get install chromium) or name it by CHROMIUM'
  if (process.env.LATCHKEY_REQUIRE_CHROMIUM === '1') throw new Error(message)
  console.warn(`${message}; the tests in a browser are skipped`)
  return true
}
