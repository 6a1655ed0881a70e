import type { PhoneState } from '../phone.ts'
import type { Dialogs } from '../shell/dialogs.ts'
import type { Words } from '../words.ts'

/** Asks the person, as WeChat does, before a mini-program may do what touches on privacy. */
export interface Privacy {
  /** Resolves when the person agrees, or did before; throws WeChat's failure when they refuse, or did a moment ago. */
  agreed(name: string): Promise<void>
  /** Shows what the person agrees to. */
  showTerms(): Promise<void>
  /** As when the mini-program is taken from the list of those used last: the person is asked again. */
  forget(): void
}

/** A person who refused is not asked again for this long; calls meanwhile fail. */
const notAgainMs = 10_000
const notAuthorized = 104

/** `isAsked`: the mini-program's app.json has `__usePrivacyCheck__`. What was agreed to is kept for each WeChat user. */
export function createPrivacy(
  { user }: Pick<PhoneState, 'user'>,
  dialogs: Pick<Dialogs, 'confirm'>,
  words: Words,
  isAsked: boolean,
): Privacy {
  const key = `phone-privacy:${user}`
  let refusedAtMs = Number.NEGATIVE_INFINITY
  /** One question at a time, for all calls meanwhile. */
  let question: Promise<boolean> | undefined

  const dialog = { cancelColor: '', confirmColor: '', editable: false, placeholderText: '' }
  async function ask(): Promise<boolean> {
    const answer = await dialogs.confirm({
      ...dialog,
      title: words.privacy,
      content: words.privacyText,
      showCancel: true,
      cancelText: words.refuse,
      confirmText: words.agree,
    })
    if (answer === undefined) refusedAtMs = Date.now()
    else localStorage.setItem(key, 'agreed')
    return answer !== undefined
  }

  return {
    async agreed(name) {
      if (!isAsked || localStorage.getItem(key) !== null) return
      const isTooSoon = Date.now() - refusedAtMs < notAgainMs
      question ??= isTooSoon ? Promise.resolve(false) : ask()
      const agrees = await question
      question = undefined
      if (agrees) return
      throw { errMsg: `${name}:fail privacy permission is not authorized`, errno: notAuthorized }
    },
    async showTerms() {
      await dialogs.confirm({
        ...dialog,
        title: words.privacy,
        content: words.terms,
        showCancel: false,
        cancelText: '',
        confirmText: words.confirm,
      })
    },
    forget: () => localStorage.removeItem(key),
  }
}
