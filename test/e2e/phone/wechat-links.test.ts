import { openPhone } from '../../support/browser/open-phone.ts'
import { field, registerOn, typedPassword } from '../../support/browser/phone-steps.ts'
import { browserTest } from '../../support/browser/shared-browser.ts'
import { startApp } from '../../support/start-app.ts'

browserTest(
  'who binds another WeChat user is told of on the phone that is signed in, and taken off from there',
  async () => {
    await using running = await startApp()
    await using ann = await openPhone({ running, user: 'ann' })
    await registerOn(ann.page, 'ann')
    await using thief = await openPhone({ running, user: 'thief' })
    await thief.page.getByRole('radio', { name: 'I have an account' }).click()
    await field(thief.page, 'User name').fill('ann')
    await field(thief.page, 'Password').fill(typedPassword)
    await thief.page.getByRole('button', { name: 'Bind and sign in' }).click()
    await thief.page.getByText('No devices yet').waitFor()

    await ann.page.getByText(/^Another WeChat user was just bound/).waitFor()
    await ann.page.getByRole('dialog').getByRole('button', { name: 'OK' }).click()
    await ann.page.getByRole('tab', { name: 'Me' }).click()
    await ann.page.getByRole('button', { name: 'Unbind this WeChat user' }).click()
    await ann.page.getByRole('radio', { name: 'All of them' }).waitFor()
    await ann.page
      .getByRole('radio', { name: /^Bound since/ })
      .last()
      .click()
    await field(ann.page, 'Password').fill(typedPassword)
    await ann.page.getByRole('button', { name: 'Unbind', exact: true }).click()

    await ann.page.getByText('No devices yet').waitFor() // her own WeChat user is bound still
    await thief.page.getByText('This phone was signed out.').waitFor()
    await thief.page.getByRole('button', { name: 'Sign in with WeChat' }).click()
    await thief.page.getByText('Create an account.').waitFor()
  },
)
