import type { BuiltInTag } from '../../../build/built-in-tags.ts'

/** One built-in tag on a page: its element in the document, its properties, its events. */
export interface Tag {
  readonly element: HTMLElement
  get(property: string): unknown
  /** A change that the person made; `model:` bindings follow it. */
  set(property: string, value: unknown): void
  fire(event: string, detail?: object): void
  /** The tag's `id` and `data-…`, as an event names its target. */
  readonly target: { readonly id: string; readonly dataset: object }
  /** The element of the same page or component with this id. */
  find(id: string): HTMLElement | undefined
}

/** Value of a property that is not given; its type is that of the property, null takes any. */
export type Defaults = Readonly<Record<string, string | number | boolean | readonly unknown[] | null>>

/** How a tag is drawn and what it does. */
export interface TagDefinition {
  readonly properties?: Defaults
  /** Once, before the first {@link TagDefinition.changed}. */
  readonly attached?: (tag: Tag) => void
  /** After the tag is attached, and whenever its properties have changed. */
  readonly changed?: (tag: Tag) => void
}

export type TagDefinitions = Readonly<Record<BuiltInTag, TagDefinition>>
