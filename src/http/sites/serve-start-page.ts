import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Site } from './serve-site.ts'

interface Words {
  readonly lang: string
  readonly lead: string
  readonly sites: Readonly<Record<Site['name'], { readonly title: string; readonly text: string }>>
  readonly more: string
}

const english: Words = {
  lang: 'en',
  lead: 'An MQTT broker with sign-in built in is running here.',
  sites: {
    phone: { title: 'Phone', text: 'The mini-program on a phone in your browser, for development.' },
    console: { title: 'Console', text: 'For operators: sessions, the log, devices, and why something was refused.' },
  },
  more: 'MQTT over WebSocket is at <code>mqtt</code>, with subprotocol <code>mqtt</code>. The README and <code>docs/</code> explain how to connect devices and apps.',
}

const chinese: Words = {
  lang: 'zh-CN',
  lead: '这里运行着一个自带登录的 MQTT 服务器。',
  sites: {
    phone: { title: '手机', text: '浏览器里的小程序，供开发使用。' },
    console: { title: '控制台', text: '供运维人员使用：会话、日志、设备，以及请求被拒绝的原因。' },
  },
  more: 'MQTT over WebSocket 位于 <code>mqtt</code>，子协议为 <code>mqtt</code>。设备与应用的接入方法见 README 和 <code>docs/</code>。',
}

const style = `
:root { color-scheme: light dark; --page: #f3f5f4; --card: #fff; --text: #15201b; --muted: #66716c; --brand: #0b7d62 }
@media (prefers-color-scheme: dark) { :root { --page: #101413; --card: #1a201e; --text: #eef3f0; --muted: #98a39e; --brand: #3fd0a6 } }
body { max-width: 36rem; margin: 12vh auto; padding: 0 1.25rem; background: var(--page); color: var(--text); font: 1rem/1.6 system-ui, sans-serif }
h1 { margin: 0 } p { margin: .25rem 0 1.5rem; color: var(--muted) }
a { display: block; margin: .75rem 0; padding: 1rem 1.25rem; border-radius: 1rem; background: var(--card); color: inherit; text-decoration: none }
a:hover, a:focus-visible { outline: 2px solid var(--brand) }
a strong { color: var(--brand) } a span { display: block; color: var(--muted) }
`

const page = ({ lang, lead, sites, more }: Words, names: readonly Site['name'][]): string => `<!doctype html>
<html lang="${lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey</title>
<style>${style}</style>
<h1>Latchkey</h1>
<p>${lead}</p>
${names.map(name => `<a href="./${name}/"><strong>${sites[name].title}</strong><span>${sites[name].text}</span></a>`).join('\n')}
<p>${more}</p>
</html>
`

const styleHash = createHash('sha256').update(style).digest('base64')
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  vary: 'accept-language',
  'referrer-policy': 'no-referrer',
}

/** Serves `/`, a page of links to the sites: in Chinese when the browser prefers it, otherwise in English. */
export function serveStartPage(app: FastifyInstance, sites: readonly Site[]): void {
  const names = sites.map(({ name }) => name).sort((a, b) => b.localeCompare(a)) // the phone first
  const [inChinese, inEnglish] = [page(chinese, names), page(english, names)]
  app.get('/', (request, reply) => {
    const isChinese = /^\s*zh\b/i.test(request.headers['accept-language'] ?? '')
    return reply.headers(headers).send(isChinese ? inChinese : inEnglish)
  })
}
