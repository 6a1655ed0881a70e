import { textIn } from '../options.ts'
import type { PhoneState } from '../phone.ts'
import type { Dialogs } from '../shell/dialogs.ts'
import type { Words } from '../words.ts'
import type { Apis } from './apis.ts'
import type { Privacy } from './privacy.ts'

/** What the phone and WeChat do for a mini-program: sign-in, camera, clipboard. Functions without a counterpart in a browser just succeed. */
export const abilityApis = (
  { create }: Apis,
  phone: PhoneState,
  dialogs: Dialogs,
  words: Words,
  privacy: Privacy,
): Record<string, unknown> => ({
  // The form that the stand-in for WeChat's server takes, once each: src/wechat/wechat-stand-in.ts.
  login: create('login', () => ({ code: `sandbox:${phone.user}:${crypto.randomUUID()}` })),
  checkSession: create('checkSession', () => {}),
  scanCode: create('scanCode', async () => {
    const result = phone.scan === undefined ? await dialogs.confirm(scanQuestion(words)) : phone.scan
    if (!result) throw new Error('cancel')
    return { result, scanType: 'QR_CODE', charSet: 'UTF-8', path: '', rawData: '' }
  }),
  setClipboardData: create('setClipboardData', async options => {
    await privacy.agreed('setClipboardData')
    phone.clipboard = textIn(options, 'data')
    dialogs.toast(words.copied, 'success', 1500)
  }),
  getClipboardData: create('getClipboardData', async () => {
    await privacy.agreed('getClipboardData')
    return { data: phone.clipboard }
  }),
  openPrivacyContract: create('openPrivacyContract', () => void privacy.showTerms()),
  ...Object.fromEntries(
    [
      ...['vibrateShort', 'vibrateLong', 'setKeepScreenOn', 'hideKeyboard', 'hideHomeButton', 'loadFontFace'],
      ...['showShareMenu', 'hideShareMenu', 'updateShareMenu', 'setBackgroundColor', 'setBackgroundTextStyle'],
      ...['reportEvent', 'authorize', 'openSetting'],
    ].map(name => [name, create(name, () => {})]),
  ),
})

/** A browser has no camera for it: the person says what the code holds. */
const scanQuestion = (words: Words) => ({
  title: words.scan,
  content: '',
  showCancel: true,
  cancelText: words.cancel,
  confirmText: words.confirm,
  cancelColor: '',
  confirmColor: '',
  editable: true,
  placeholderText: 'latchkey:claim?device=…&code=…',
})
