import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { startSimulator } from '../../../devices/simulators/start-simulator.ts'
import { topics } from '../../../src/protocol/topics.ts'
import type { RunningApp } from '../start-app.ts'
import { connectAsDevice, registerUser, type TestDevice } from '../story.ts'

/** What every person of the tests types. */
export const typedPassword = 'correct horse'

/** An input of the page in front: pages behind it keep theirs. */
export const field = (page: Page, label: string) => page.getByLabel(label, { exact: true }).filter({ visible: true })

/** From the first page: makes an account, and ends on the home page. */
export async function registerOn(page: Page, username: string): Promise<void> {
  await page.getByRole('radio', { name: 'I am new here' }).click()
  await field(page, 'User name').fill(username)
  await field(page, 'Password').fill(typedPassword)
  await field(page, 'Again').fill(typedPassword)
  await page.getByRole('button', { name: 'Register and sign in' }).click()
  await atHome(page)
}

export const atHome = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Add a device' }).first().waitFor()

/** From the home page: claims a device by typing, and comes back home. */
export async function claimOn(page: Page, { id, claimCode }: TestDevice): Promise<void> {
  await page.getByRole('button', { name: 'Add a device' }).first().click()
  await field(page, 'Device id').fill(id)
  await field(page, 'Claim code').fill(claimCode)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('Remove device').waitFor()
  await back(page)
}

export const back = (page: Page): Promise<void> => page.getByRole('button', { name: /^(Back|返回)$/ }).click()

/** Makes an account of the WeChat user of the same name, with these devices, without a phone: for what comes after. */
export async function household(running: RunningApp, username: string, devices: readonly TestDevice[]): Promise<void> {
  const { client } = await registerUser(running, username)
  for (const { id, claimCode } of devices) {
    const claimed = await client.request('device/claim', { deviceId: id, code: claimCode })
    if (claimed.code !== 0) throw new Error(`claim answered ${JSON.stringify(claimed)}`)
  }
  await client[Symbol.asyncDispose]()
}

/** The switch on a device's card. */
export const switchOf = (page: Page, name: string) => page.getByRole('switch', { name: `${name} Power` })

export const expectSwitch = (page: Page, name: string, on: boolean): Promise<void> =>
  expect.poll(() => switchOf(page, name).getAttribute('aria-checked')).toBe(String(on))

/** Resolves when nothing is on its way into sight any more: where things are is where they stay. */
export const standing = (page: Page): Promise<void> =>
  page.evaluate(`Promise.all(
    document.getAnimations()
      .filter(({ effect }) => effect.getTiming().iterations !== Infinity)
      .map(({ finished }) => finished.catch(() => {})),
  ).then(() => {})`)

/** A registered device with a simulator that runs it, until the app ends. */
export async function simulated(running: RunningApp, type: string, id: string, name: string) {
  const device = await running.admin.provisioning.addDevice({ type, id, name })
  if (typeof device === 'string') throw new Error(`device add answered ${device}`)
  return { device, simulator: startSimulator({ type, url: running.mqttUrl, id, secret: device.secret }) }
}

/** A registered device that listens and never answers. */
export async function silent(running: RunningApp, type: string, id: string, name: string) {
  const device = await running.admin.provisioning.addDevice({ type, id, name })
  if (typeof device === 'string') throw new Error(`device add answered ${device}`)
  const client = await connectAsDevice(running, device)
  await client.subscribe(topics.set(id), 1)
  return { device, client }
}
