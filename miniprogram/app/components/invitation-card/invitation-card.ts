import { latchkey, texts } from '../../page.ts'
import { iconOf } from '../../services/card.ts'
import { failureText } from '../../texts/failures.ts'
import { phrases } from '../../texts/phrases.ts'

/**
 * Says who invites to which device. `name` is the sender's name for the device, shown until the broker has answered. Tells `void` when the invitation is not
 * valid.
 */
Component({
  properties: { invitation: String, name: String, signedIn: Boolean },
  data: { title: '', text: '', note: '', icon: 'device' },
  lifetimes: {
    attached() {
      const { accept } = texts()
      const { locale } = latchkey().language
      const { name, signedIn } = this.properties
      const title = name ? phrases[locale].inviteTitle(name) : accept.heading
      this.setData({ title, note: signedIn ? accept.text : accept.signInFirst })
      void this.load()
    },
  },
  methods: {
    async load() {
      const { devices, language } = latchkey()
      const { locale } = language
      const offer = await devices.invitation(this.properties.invitation)
      if (offer.ok) {
        const { inviter, deviceName, type, role } = offer.data
        const { share } = texts()
        const of = { controller: share.controllerText, viewer: share.viewerText, owner: share.ownerText }
        const title = phrases[locale].invites(inviter, deviceName)
        this.setData({ title, icon: iconOf(type), text: of[role] })
      } else if (offer.code === 2006 || offer.code === 4000) {
        this.setData({ text: '', note: failureText({ code: 2006 }, locale) })
        this.triggerEvent('void')
      }
    },
  },
})
