import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const app = join(import.meta.dirname, '../../../miniprogram/app')

/**
 * What WeChat asks consent to its privacy terms for, as its "用户隐私保护指引内容介绍" lists it (developers.weixin.qq.com/miniprogram/dev/framework/user-privacy/miniprogram-intro.html).
 */
const asksConsent = new Set([
  ...[
    'getUserInfo',
    'getUserProfile',
    'authorize',
    'getLocation',
    'startLocationUpdate',
    'startLocationUpdateBackground',
  ],
  ...['getFuzzyLocation', 'choosePoi', 'chooseLocation', 'chooseAddress', 'chooseInvoiceTitle', 'chooseInvoice'],
  ...['getWeRunData', 'chooseLicensePlate', 'chooseImage', 'chooseMedia', 'chooseVideo', 'chooseMessageFile'],
  ...['startRecord', 'getRecorderManager', 'joinVoIPChat', 'createVKSession', 'openBluetoothAdapter'],
  ...['createBLEPeripheralServer', 'saveImageToPhotosAlbum', 'saveVideoToPhotosAlbum', 'addPhoneContact'],
  ...['addPhoneRepeatCalendar', 'addPhoneCalendar', 'startAccelerometer', 'startCompass', 'startGyroscope'],
  ...['startDeviceMotionListening', 'setClipboardData', 'getClipboardData'],
])

const files = readdirSync(app, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && /\.(ts|wxml)$/.test(entry.name) && !entry.parentPath.includes('vendor'))
  .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))

test('of all that WeChat asks consent for, only copying is used, and WeChat asks by a dialog of its own', () => {
  const used = new Set(files.flatMap(text => [...text.matchAll(/\bwx\.(\w+)/g)].map(([, name = '']) => name)))
  expect(used.size).toBeGreaterThan(15)
  expect([...used].filter(name => asksConsent.has(name))).toEqual(['setClipboardData'])
  const opened = files.flatMap(text => [...text.matchAll(/open-type="(\w+)"/g)].map(([, type]) => type))
  expect(new Set(opened)).toEqual(new Set(['share']))
  expect(JSON.parse(readFileSync(join(app, 'app.json'), 'utf8'))).toMatchObject({ __usePrivacyCheck__: true })
  // Who listens to it has to ask by himself: then WeChat's dialog does not come.
  expect(used).not.toContain('onNeedPrivacyAuthorization')
})
