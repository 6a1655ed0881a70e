const others: Readonly<Record<string, string>> = { button: 'wx-button', page: 'wx-page' }

/** The element that stands for a tag of WXML. A browser's own button would be as wide as its text, WeChat's is a block. */
export const elementName = (tag: string): string => others[tag] ?? tag
