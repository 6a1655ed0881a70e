import type { PhoneState } from '../phone.ts'
import type { Apis } from './apis.ts'
import { userDataPath } from './files.ts'

const statusBarHeight = 20
const navigationHeight = 44

/** The phone, its screen, and the versions of things. */
export function systemApis({ create }: Apis, phone: PhoneState, launch: object): Record<string, unknown> {
  const screen = () => ({
    pixelRatio: devicePixelRatio,
    screenWidth: innerWidth,
    screenHeight: innerHeight,
    windowWidth: innerWidth,
    windowHeight: innerHeight - navigationHeight,
    statusBarHeight,
    screenTop: navigationHeight,
    safeArea: { left: 0, top: 0, right: innerWidth, bottom: innerHeight, width: innerWidth, height: innerHeight },
  })
  const app = () => ({
    SDKVersion: '3.7.0',
    version: '8.0.50',
    language: phone.language,
    theme: phone.theme,
    enableDebug: false,
    fontSizeSetting: 16,
    host: { env: 'WeChat' },
  })
  const device = () => ({
    platform: 'devtools',
    brand: 'browser',
    model: 'browser',
    system: 'browser',
    benchmarkLevel: 1,
  })
  const all = () => ({ ...screen(), ...app(), ...device() })
  return {
    getWindowInfo: screen,
    getAppBaseInfo: app,
    getDeviceInfo: device,
    getSystemInfoSync: all,
    getSystemInfo: create('getSystemInfo', all),
    getSystemInfoAsync: create('getSystemInfoAsync', all),
    getSystemSetting: () => ({
      bluetoothEnabled: true,
      locationEnabled: true,
      wifiEnabled: true,
      deviceOrientation: 'portrait',
    }),
    getMenuButtonBoundingClientRect: () => ({
      width: 87,
      height: 32,
      top: 6,
      bottom: 38,
      left: innerWidth - 94,
      right: innerWidth - 7,
    }),
    getAccountInfoSync: () => ({ miniProgram: { appId: 'touristappid', envVersion: 'develop', version: '' } }),
    getLaunchOptionsSync: () => launch,
    getEnterOptionsSync: () => launch,
    canIUse: () => true,
    nextTick: (callback: () => void) => void Promise.resolve().then(callback),
    getUpdateManager: () => ({ onCheckForUpdate() {}, onUpdateReady() {}, onUpdateFailed() {}, applyUpdate() {} }),
    getNetworkType: create('getNetworkType', () => ({ networkType: phone.isConnected ? 'wifi' : 'none' })),
    getRandomValues: create('getRandomValues', ({ length }) => ({
      randomValues: crypto.getRandomValues(new Uint8Array(typeof length === 'number' ? length : 0)).buffer,
    })),
    env: { USER_DATA_PATH: userDataPath },
  }
}
