import { parseClaimLink } from '../../../../src/protocol/claim-link.ts'
import { isOpen, latchkey, problemOn, queryText, say, texts } from '../../page.ts'
import type { Result } from '../../services/failure.ts'
import { failureText } from '../../texts/failures.ts'

type Typed = WechatMiniprogram.CustomEvent<{ value: string }, object, { field: 'deviceId' | 'code' | 'invitation' }>

/** Adds a device by its QR code, by what is printed on it, or by an invitation. */
Page({
  data: { t: texts().add, deviceId: '', code: '', invitation: '', problem: '', isBusy: false },

  onLoad(query: { device?: string; code?: string }) {
    const { add } = texts()
    this.setData({ t: add, deviceId: queryText(query.device), code: queryText(query.code) })
    wx.setNavigationBarTitle({ title: add.title })
  },
  type(event: Typed) {
    this.setData({ [event.currentTarget.dataset.field]: event.detail.value, problem: '' })
  },
  async scan() {
    const scanned = await wx.scanCode({ scanType: ['qrCode'] }).catch(() => undefined)
    if (!scanned) return // the person went back, or the camera is not allowed: WeChat said so
    const link = parseClaimLink(scanned.result)
    if (!link) {
      this.setData({ problem: texts().add.notOurs })
      return
    }
    this.setData({ deviceId: link.deviceId, code: link.code })
    await this.claim()
  },
  async claim() {
    const { deviceId, code, isBusy } = this.data
    if (isBusy || !deviceId || !code) return
    await this.add(() => latchkey().devices.claim(deviceId, code), 'badCode')
  },
  async accept() {
    const { invitation, isBusy } = this.data
    if (isBusy || !invitation) return
    await this.add(() => latchkey().devices.accept(invitation), 'badInvitation')
  },
  async add(ask: () => Promise<Result<{ id: string; name: string }>>, malformed: 'badCode' | 'badInvitation') {
    this.setData({ isBusy: true, problem: '' })
    const added = await ask()
    if (!added.ok) {
      const { add } = texts()
      const problem = added.code === 4000 ? add[malformed] : failureText(added, latchkey().language.locale)
      return problemOn(this, added.code === 2002 ? `${problem} ${add.held}` : problem)
    }
    if (isOpen(this)) await wx.redirectTo({ url: `/pages/device/device?id=${added.data.id}` })
    say(`${texts().add.added} · ${added.data.name}`)
  },
})
