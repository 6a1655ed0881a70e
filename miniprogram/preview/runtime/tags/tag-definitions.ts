import type { Dialogs } from '../shell/dialogs.ts'
import { checkbox, checkboxGroup, radio, radioGroup, switchTag } from './choice-tags.ts'
import { createButton, form, label, type OpenTypes } from './form-tags.ts'
import { createNavigator } from './navigator-tag.ts'
import { createPicker } from './picker-tag.ts'
import { icon, image, progress, scrollView, text, view } from './plain-tags.ts'
import { slider } from './slider-tag.ts'
import type { TagDefinitions } from './tag.ts'
import { textTag } from './text-tags.ts'

export interface TagOptions {
  readonly dialogs: Dialogs
  readonly openTypes: OpenTypes
  readonly go: Parameters<typeof createNavigator>[0]
}

/** Every built-in tag that a mini-program may use. */
export const tagDefinitions = ({ dialogs, openTypes, go }: TagOptions): TagDefinitions => ({
  button: createButton(openTypes),
  checkbox,
  'checkbox-group': checkboxGroup,
  form,
  icon,
  image,
  input: textTag,
  label,
  navigator: createNavigator(go),
  picker: createPicker(dialogs),
  progress,
  radio,
  'radio-group': radioGroup,
  'scroll-view': scrollView,
  slider,
  switch: switchTag,
  text,
  textarea: textTag,
  view,
})
