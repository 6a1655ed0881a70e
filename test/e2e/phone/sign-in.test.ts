import { expect } from 'vitest'
import { openPhone } from '../../support/browser/open-phone.ts'
import { atHome, field, registerOn, typedPassword } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

browserTest('a WeChat user without an account registers and is home, and the next start asks nothing', async () => {
  await using running = await startApp()
  await using phone = await openPhone({ running, user: 'alice' })
  await phone.page.getByText('Create an account.').waitFor()
  await registerOn(phone.page, 'alice')
  await phone.page.getByText('No devices yet').waitFor()
  expect(await phone.calls('login')).toBe(2) // for auth/login and for auth/register: a code works once

  await phone.page.reload()
  await atHome(phone.page)
  expect(await phone.calls('login')).toBe(0)
})

browserTest('an account that exists is bound: a wrong password says so and loses nothing that was typed', async () => {
  await using running = await startApp()
  await running.admin.administration.addAccount({ username: 'bob', password: typedPassword, role: 'user' })
  await using phone = await openPhone({ running, user: 'bob' })
  const { page } = phone
  await field(page, 'User name').fill('bob') // and it is still there when the other way is chosen
  await page.getByRole('radio', { name: 'I have an account' }).click()
  const submit = page.getByRole('button', { name: 'Bind and sign in' })
  await submit.waitFor()
  await expect.poll(() => submit.isDisabled()).toBe(true)

  expect(await field(page, 'User name').inputValue()).toBe('bob')
  await field(page, 'Password').fill('wrong')
  await submit.click()
  await page.getByText('Wrong user name or password.').waitFor()
  expect(await field(page, 'User name').inputValue()).toBe('bob')

  await field(page, 'Password').fill(typedPassword)
  await submit.click()
  await atHome(page)
})

browserTest('registering says what is wrong before it asks, and what the broker says after', async () => {
  await using running = await startApp()
  await running.admin.administration.addAccount({ username: 'taken', password: typedPassword, role: 'user' })
  await using phone = await openPhone({ running, user: 'carol' })
  const { page } = phone
  await page.getByRole('radio', { name: 'I am new here' }).click()
  const fill = async (name: string, password: string, again: string) => {
    await field(page, 'User name').fill(name)
    await field(page, 'Password').fill(password)
    await field(page, 'Again').fill(again)
    await page.getByRole('button', { name: 'Register and sign in' }).click()
  }
  await fill('taken', 'short', 'short')
  await page.getByText('The password needs at least 8 characters.').waitFor()
  await fill('taken', typedPassword, `${typedPassword}!`)
  await page.getByText('The two passwords are not the same.').waitFor()
  await fill('taken', typedPassword, typedPassword)
  await page.getByText('This user name is taken.').waitFor()
  await fill('carol', typedPassword, typedPassword)
  await atHome(page)
})

browserTest('who logs out stays out until they tap, and needs no password then', async () => {
  await using running = await startApp()
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await registerOn(page, 'alice')
  await page.getByRole('tab', { name: 'Me' }).click()
  await page.getByRole('button', { name: 'Log out', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click()
  await page.getByText('You have logged out.').waitFor()

  await page.reload()
  await page.getByText('You have logged out.').waitFor()
  await page.getByRole('button', { name: 'Sign in with WeChat' }).click()
  await atHome(page)
})

browserTest('logging out everywhere on one phone sends the other to the login page at once', async () => {
  await using running = await startApp()
  await using a = await openPhone({ running, user: 'alice' })
  await registerOn(a.page, 'alice')
  await using b = await openPhone({ running, user: 'alice' })
  await atHome(b.page)

  await a.page.getByRole('tab', { name: 'Me' }).click()
  await a.page.getByRole('button', { name: 'Log out everywhere' }).click()
  await a.page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click()
  await a.page.getByText('You have logged out.').waitFor()
  await b.page.getByText('This phone was signed out. Sign in again to go on.').waitFor()
})

browserTest('a new password signs the other phone out, and unbinding leaves nobody bound', async () => {
  await using running = await startApp()
  await using phone = await openPhone({ running, user: 'alice' })
  const { page } = phone
  await registerOn(page, 'alice')
  await page.getByRole('tab', { name: 'Me' }).click()
  await page.getByRole('button', { name: 'Change password' }).click()
  const change = async (current: string) => {
    await field(page, 'Current').fill(current)
    await field(page, 'New').fill('another one')
    await field(page, 'Again').fill('another one')
    await page.getByRole('button', { name: 'Change password' }).click()
  }
  await change('not this')
  await page.getByText('The current password is wrong.').waitFor()
  await change(typedPassword)
  await page.getByText('Password changed').waitFor()

  await page.getByRole('button', { name: 'Unbind this WeChat user' }).click()
  await field(page, 'Password').fill('another one')
  await page.getByRole('button', { name: 'Unbind', exact: true }).click()
  await page.getByText('Create an account.').waitFor()
})
