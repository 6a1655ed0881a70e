import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { findChromium, skipWithoutChromium } from './chromium.ts'

/** A test in Chromium; skipped, with a reason on the console, where there is none. */
export const browserTest = test.skipIf(skipWithoutChromium())

let launched: Promise<Browser> | undefined
afterAll(async () => {
  await (await launched)?.close()
})

/** The Chromium that the tests of a file share. */
export function sharedBrowser(): Promise<Browser> {
  launched ??= launchChromium()
  return launched
}

/** Gathers what a page complains of; what it gives back fails the test when there was anything but what is allowed. */
export function watchComplaints(page: Page, allowed?: RegExp): () => void {
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.stack ?? error.message))
  page.on('console', message => {
    const isNetwork = /^WebSocket connection to .* failed|^Failed to load resource: net::ERR_/.test(message.text()) // the browser's own, when a test takes the broker away
    if (['error', 'warning'].includes(message.type()) && !isNetwork) complaints.push(message.text())
  })
  return () => expect(complaints.filter(text => !allowed?.test(text))).toEqual([])
}

function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('there is no Chromium')
  return chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage'],
      '--host-resolver-rules=MAP plain.test 127.0.0.1', // a host that is not this machine, to a browser
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
}
