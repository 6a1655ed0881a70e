import type { Page } from 'playwright-core'

const deadlineMs = 60_000

/**
 * In the page: does `act`, and resolves with how many milliseconds it took until `look`, an expression, is true. What it looks at may be gone, or not
 * there yet: then it is not true. Nothing of it is left in the page afterwards. Rejects with what `shown`, an expression, is after a minute.
 */
export const untilInPage = (
  page: Page,
  { act, look, shown }: { readonly act: string; readonly look: string; readonly shown: string },
): Promise<number> =>
  page.evaluate(`new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const end = () => {
      observer.disconnect()
      clearTimeout(timer)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error('after ${deadlineMs} ms there is still ' + (${shown})))
    }, ${deadlineMs})
    const check = () => {
      if (!(${look})) return
      end()
      resolve(performance.now() - startedAt)
    }
    const observer = new MutationObserver(check)
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
    ${act}
    check()
  })`)
