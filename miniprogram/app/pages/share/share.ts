import type { DeviceRole } from '../../../../src/protocol/operations/device.ts'
import { confirmed, copy, isOpen, latchkey, queryText, say, texts, watch } from '../../page.ts'
import { changes } from '../../services/changes.ts'
import type { Member, OpenInvitation } from '../../services/devices.ts'
import {
  type InvitationRow,
  invitationRow,
  type MemberRow,
  memberRoles,
  memberRow,
} from '../../services/member-view.ts'
import { dayAndTime } from '../../services/times.ts'
import { failureText } from '../../texts/failures.ts'
import { phrases } from '../../texts/phrases.ts'

/** The members of a device, and inviting somebody: for its owner. */
Page({
  data: {
    t: texts().share,
    note: '',
    members: [] as MemberRow[],
    /** The roles that a member can be given. */
    memberRoles: [] as string[],
    open: [] as InvitationRow[],
    /** The member or invitation that is being changed. */
    underWay: '',
    roles: [] as { role: DeviceRole; label: string; text: string }[],
    role: 'controller' as DeviceRole,
    invitation: '',
    invitationId: '',
    openUntil: '',
    problem: '',
    isBusy: false,
  },
  id: '',
  name: '',
  known: [] as readonly Member[],
  /** The new roles of members, until the broker has answered. */
  wished: {} as Record<string, Member['role']>,
  openOnes: [] as readonly OpenInvitation[],
  end: () => {},

  onLoad(query: { id?: string }) {
    this.id = queryText(query.id)
    const { devices, language, session } = latchkey()
    this.setData({ note: texts().device.loading })
    const endNotified = devices.onNotified(() => void this.load())
    const endSignedIn = session.onSignedIn(() => void this.load()) // requests that were impossible without a connection
    const end = watch(() => this.draw(), devices, language)
    this.end = () => {
      end()
      endNotified()
      endSignedIn()
    }
    void this.load()
  },
  onUnload() {
    this.end()
  },
  onShow() {
    wx.setNavigationBarTitle({ title: texts().share.title })
  },
  draw() {
    const { devices, language, session } = latchkey()
    const device = devices.get(this.id)
    if (device?.role !== 'owner') {
      if (devices.list) this.leave()
      return
    }
    this.name = device.name
    const { share } = texts()
    const known: readonly Member[] = this.known
    const me = session.account?.userId
    const members = known.map(member => memberRow(member, me, language.locale, this.wished[member.userId]))
    const roles = [
      { role: 'controller', label: share.controller, text: share.controllerText },
      { role: 'viewer', label: share.viewer, text: share.viewerText },
      { role: 'owner', label: share.handOver, text: share.handOverText },
    ]
    const openOnes: readonly OpenInvitation[] = this.openOnes
    const open = openOnes.map(each => invitationRow(each, language.locale))
    const wanted = { t: share, members, roles, open, memberRoles: memberRoles.map(role => share[role]) }
    this.setData(changes(this.data, wanted))
  },
  /** The person may not share the device any more. */
  leave() {
    this.end()
    if (isOpen(this)) wx.switchTab({ url: '/pages/home/home' })
  },
  async load() {
    const { devices, language } = latchkey()
    const [members, open] = await Promise.all([devices.members(this.id), devices.invitations(this.id)])
    if (members.ok) this.known = members.data
    else this.setData({ note: failureText(members, language.locale) })
    if (open.ok) this.tell(open.data)
    this.draw()
  },
  /** The shown invitation disappears when somebody has used it. */
  tell(open: readonly OpenInvitation[]) {
    this.openOnes = open
    const { invitationId } = this.data
    if (!invitationId || open.some(each => each.invitationId === invitationId)) return
    this.setData({ invitation: '', invitationId: '' })
    say(texts().share.used)
  },
  chooseRole(event: WechatMiniprogram.TouchEvent<object, object, { role: DeviceRole }>) {
    this.setData({ role: event.currentTarget.dataset.role, invitation: '', problem: '' })
  },
  async create() {
    const { role, isBusy } = this.data
    if (isBusy) return
    const { devices, language } = latchkey()
    const { locale } = language
    this.setData({ isBusy: true, problem: '' })
    const made = await devices.share(this.id, role)
    // Another role was chosen meanwhile: this invitation must not be sent as one to that role.
    if (role !== this.data.role) return this.setData({ isBusy: false })
    this.setData(
      made.ok
        ? {
            isBusy: false,
            invitation: made.data.invitation,
            invitationId: made.data.invitationId,
            openUntil: phrases[locale].invitationOpenUntil(dayAndTime(made.data.expiresAt)),
          }
        : { isBusy: false, problem: failureText(made, locale) },
    )
    void this.load()
  },
  async copy() {
    await copy(this.data.invitation)
  },
  async withdraw(event: WechatMiniprogram.TouchEvent<object, object, { id: string; name: string }>) {
    const { id, name } = event.currentTarget.dataset
    const { share } = texts()
    if (!(await confirmed(share.withdrawTitle, `${name}\n${share.withdrawText}`, share.withdraw))) return
    const { devices, language } = latchkey()
    // The person withdrew it.
    if (id === this.data.invitationId) this.setData({ invitation: '', invitationId: '' })
    await this.doing(id, async () => {
      const withdrawn = await devices.withdraw(this.id, id)
      if (!withdrawn.ok && withdrawn.code !== 3001) say(failureText(withdrawn, language.locale))
    })
  },
  async changeRole(
    event: WechatMiniprogram.CustomEvent<{ value: string | number }, object, { user: string; role: number }>,
  ) {
    const { user, role: before } = event.currentTarget.dataset
    const role = memberRoles[Number(event.detail.value)]
    if (!role || memberRoles[before] === role) return
    const { devices, language } = latchkey()
    this.wished[user] = role
    this.draw()
    const changed = await devices.changeRole(this.id, user, role)
    if (!changed.ok) say(failureText(changed, language.locale))
    await this.load()
    if (this.wished[user] === role) delete this.wished[user] // or another role was chosen since
    this.draw()
  },
  async remove(event: WechatMiniprogram.TouchEvent<object, object, { user: string; name: string }>) {
    const { user, name } = event.currentTarget.dataset
    const { share } = texts()
    if (!(await confirmed(share.removeTitle, name, share.remove))) return
    await this.doing(user, async () => {
      const removed = await latchkey().devices.revoke(this.id, user)
      if (!removed.ok) say(failureText(removed, latchkey().language.locale))
    })
  },
  /** Carries out an action on a row, which shows that until the rows are fetched again. */
  async doing(row: string, act: () => Promise<void>) {
    this.setData({ underWay: row })
    await act()
    await this.load()
    if (this.data.underWay === row) this.setData({ underWay: '' })
  },
  onShareAppMessage() {
    const { invitation } = this.data
    const path = `/pages/accept/accept?invitation=${encodeURIComponent(invitation)}&name=${encodeURIComponent(this.name)}`
    return {
      title: phrases[latchkey().language.locale].inviteTitle(this.name),
      path: invitation ? path : '/pages/index/index',
    }
  },
})
