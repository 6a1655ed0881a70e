import { hoverProperties, showPressed } from './hover.ts'
import type { Tag, TagDefinition } from './tag.ts'

export const view: TagDefinition = { properties: { ...hoverProperties(), animation: null }, attached: showPressed }

export const text: TagDefinition = {
  properties: { userSelect: false, selectable: false, space: '', decode: false, overflow: '', maxLines: 0 },
  changed: ({ element, get }) => {
    element.style.userSelect = get('userSelect') || get('selectable') ? 'text' : ''
  },
}

export const icon: TagDefinition = {
  properties: { type: '', size: null, color: '' },
  changed: ({ element, get }) => {
    const size = String(get('size') ?? 23).replace(/^\d+$/, '$&px')
    element.setAttribute('type', String(get('type')))
    element.style.width = size
    element.style.height = size
    element.style.color = String(get('color'))
  },
}

export const progress: TagDefinition = {
  properties: {
    ...{ percent: 0, showInfo: false, strokeWidth: null, borderRadius: null, fontSize: null, duration: 30 },
    ...{ color: '', activeColor: '', backgroundColor: '', active: false, activeMode: '' },
  },
  changed: tag => {
    const { element, get } = tag
    if (!(element instanceof HTMLProgressElement)) return
    element.max = 100
    element.value = Math.min(100, Math.max(0, Number(get('percent')) || 0))
    element.style.setProperty('--active', String(get('activeColor') || get('color') || '#09bb07'))
    element.style.background = String(get('backgroundColor') || '')
    element.style.height = lengthOf(tag, 'strokeWidth')
    element.style.borderRadius = lengthOf(tag, 'borderRadius')
  },
}

const lengthOf = ({ get }: Tag, property: string): string => {
  const value = get(property)
  return value === null || value === undefined ? '' : String(value).replace(/^[\d.]+$/, '$&px')
}

const sizes: Readonly<Record<string, string>> = { aspectFit: 'contain', aspectFill: 'cover', scaleToFill: '100% 100%' }

/** A background, as WeChat draws it: a file of the package, or a `data:` or https address. */
export const image: TagDefinition = {
  properties: { src: '', mode: 'scaleToFill', lazyLoad: false, webp: false, showMenuByLongpress: false },
  attached: ({ element }) => {
    if (!element.hasAttribute('role')) element.setAttribute('role', 'img')
  },
  changed: tag => {
    const { element, get, fire } = tag
    const mode = String(get('mode'))
    const source = addressOf(String(get('src') ?? ''))
    element.style.backgroundSize = sizes[mode] ?? 'auto'
    element.style.backgroundPosition = 'center'
    if (element.getAttribute('data-src') === source) return
    element.setAttribute('data-src', source)
    element.style.backgroundImage = source && `url("${source}")`
    if (!source) return
    const loading = new Image()
    loading.onload = () => {
      const ratio = loading.naturalHeight / loading.naturalWidth
      if (mode === 'widthFix') element.style.height = `${element.clientWidth * ratio}px`
      if (mode === 'heightFix') element.style.width = `${element.clientHeight / ratio}px`
      fire('load', { width: loading.naturalWidth, height: loading.naturalHeight })
    }
    loading.onerror = () => fire('error', { errMsg: `image:fail ${get('src')}` })
    loading.src = source
  },
}

const addressOf = (source: string): string =>
  source === '' || /^(https?|data|blob):/.test(source) ? source : `package/${source.replace(/^\//, '')}`

export const scrollView: TagDefinition = {
  properties: {
    ...{ scrollX: false, scrollY: false, scrollTop: null, scrollLeft: null, scrollIntoView: '', upperThreshold: 50 },
    ...{ lowerThreshold: 50, scrollWithAnimation: false, enableFlex: false, enhanced: false, showScrollbar: true },
    ...{
      refresherEnabled: false,
      refresherTriggered: false,
      enableBackToTop: false,
      enablePassive: false,
      bounces: true,
    },
  },
  attached: ({ element, get, fire }) => {
    element.addEventListener('scroll', () => {
      const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight } = element
      fire('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth })
      if (scrollTop <= Number(get('upperThreshold'))) fire('scrolltoupper', { direction: 'top' })
      if (scrollTop + clientHeight >= scrollHeight - Number(get('lowerThreshold')))
        fire('scrolltolower', { direction: 'bottom' })
    })
  },
  changed: ({ element, get, find }) => {
    element.style.overflowX = get('scrollX') ? 'auto' : 'hidden'
    element.style.overflowY = get('scrollY') ? 'auto' : 'hidden'
    const top = get('scrollTop')
    const left = get('scrollLeft')
    if (typeof top === 'number') element.scrollTop = top
    if (typeof left === 'number') element.scrollLeft = left
    const id = String(get('scrollIntoView') ?? '')
    if (id) find(id)?.scrollIntoView({ block: 'start' })
  },
}
