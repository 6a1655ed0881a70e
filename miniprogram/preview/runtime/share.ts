import { isRecord, textIn } from './options.ts'
import type { PageView } from './page-host.ts'
import type { ShareCard } from './phone.ts'

/** How long WeChat waits for the promise that `onShareAppMessage` may give. */
const patienceMs = 3000

export type ShareSource =
  | { readonly from: 'menu' }
  | { readonly from: 'button'; readonly target: { readonly id: string; readonly dataset: object } }

/** Asks the page what to share. Without `onShareAppMessage` the menu offers nothing, and a button shares the page itself. */
export async function shareCard(page: PageView, source: ShareSource, title: string): Promise<ShareCard | undefined> {
  const query = Object.entries(page.query).map(([name, value]) => `${name}=${value}`)
  const standard = { title, path: [page.route, ...(query.length > 0 ? [query.join('&')] : [])].join('?') }
  if (!page.has('onShareAppMessage')) return source.from === 'menu' ? undefined : standard
  const given = page.call('onShareAppMessage', source)
  const promised = isRecord(given) && given.promise instanceof Promise ? await inTime(given.promise) : undefined
  return { ...standard, ...fieldsOf(given), ...fieldsOf(promised) }
}

function fieldsOf(given: unknown): Partial<ShareCard> {
  const [title, path, imageUrl] = ['title', 'path', 'imageUrl'].map(key => textIn(given, key))
  return { ...(title && { title }), ...(path && { path: path.replace(/^\//, '') }), ...(imageUrl && { imageUrl }) }
}

const inTime = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise.catch(() => undefined), new Promise(resolve => setTimeout(resolve, patienceMs))])
