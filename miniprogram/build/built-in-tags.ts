/** WeChat's tags that the preview draws. A mini-program may use only these and its own components. */
export const builtInTags = [
  'button',
  'checkbox',
  'checkbox-group',
  'form',
  'icon',
  'image',
  'input',
  'label',
  'navigator',
  'picker',
  'progress',
  'radio',
  'radio-group',
  'scroll-view',
  'slider',
  'switch',
  'text',
  'textarea',
  'view',
] as const

export type BuiltInTag = (typeof builtInTags)[number]

/** Tags that the template compiler itself understands. */
export const templateTags: readonly string[] = ['block', 'slot', 'template', 'import', 'include', 'wxs']
