import type { ComponentSpace } from 'glass-easel'
import type { BuiltInTag } from '../../../build/built-in-tags.ts'
import { ariaProperties, writeAria } from './aria.ts'
import type { Defaults, Tag, TagDefinition, TagDefinitions } from './tag.ts'

/** The part of a glass-easel component that is used here. */
interface GlassComponent {
  readonly $$: unknown
  readonly id: string
  readonly dataset: object
  readonly data: Record<string, unknown>
  readonly ownerShadowRoot: { querySelector(selector: string): { readonly $$: unknown } | null } | null
  setData(data: Record<string, unknown>): void
  triggerEvent(name: string, detail: object, options: object): void
}

/** Makes every built-in tag a component whose host is the element of the document with the tag's name. */
export function registerTags(from: ComponentSpace, to: ComponentSpace, definitions: TagDefinitions): void {
  for (const [name, definition] of Object.entries(definitions)) {
    to.setGlobalUsingComponent(name, defineTag(from, name as BuiltInTag, definition))
  }
}

function defineTag(space: ComponentSpace, name: BuiltInTag, definition: TagDefinition) {
  const tags = new WeakMap<object, Tag>()
  const update = (component: object) => {
    const tag = tags.get(component)
    if (!tag) return
    tag.element.hidden = tag.get('hidden') === true
    writeAria(tag)
    definition.changed?.(tag)
  }
  const defaults: Defaults = { ...ariaProperties, hidden: false, ...definition.properties }
  return space.defineComponent({
    is: `wx://${name}`,
    properties: Object.fromEntries(
      Object.entries(defaults).map(([key, value]) => [key, { type: typeOf(value), value, optionalTypes: [null] }]),
    ),
    observers: Object.fromEntries(
      Object.keys(defaults).map(key => [
        key,
        function (this: object) {
          update(this)
        },
      ]),
    ),
    lifetimes: {
      attached() {
        const tag = createTag(this as GlassComponent, defaults)
        if (!tag) return
        tags.set(this, tag)
        // glass-easel would write it with a prefix, and a style sheet's #name would not find it.
        if (tag.target.id) tag.element.id = tag.target.id
        definition.attached?.(tag)
        update(this)
      },
    },
  })
}

function createTag(component: GlassComponent, defaults: Defaults): Tag | undefined {
  const element = component.$$
  if (!(element instanceof HTMLElement)) return undefined
  return {
    element,
    get: property => component.data[property] ?? defaults[property],
    set: (property, value) => component.setData({ [property]: value }),
    fire: (event, detail = {}) => component.triggerEvent(event, detail, {}),
    get target() {
      return { id: component.id, dataset: { ...component.dataset } }
    },
    find(id) {
      const found = component.ownerShadowRoot?.querySelector(`#${CSS.escape(id)}`)?.$$
      return found instanceof HTMLElement ? found : undefined
    },
  }
}

function typeOf(value: unknown) {
  if (typeof value === 'string') return String
  if (typeof value === 'number') return Number
  if (typeof value === 'boolean') return Boolean
  return Array.isArray(value) ? Array : null
}
