import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/protocol/json.ts'
import type { Theme } from './phone.ts'

/** A value of app.json with its `@names` replaced by those of the theme. */
export function themed(value: JsonValue | undefined, themes: JsonObject, theme: Theme): JsonValue | undefined {
  if (typeof value === 'string' && value.startsWith('@')) {
    const colours = themes[theme]
    return isJsonObject(colours) ? (colours[value.slice(1)] ?? value) : value
  }
  if (Array.isArray(value)) return value.map(item => themed(item, themes, theme) ?? null)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, themed(inner, themes, theme) ?? null]))
}

const darkQuery = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/g

/** CSS in which the media queries about dark mode are answered by the phone's own theme, whatever the browser's is. */
export const styleFor = (css: string, theme: Theme): string =>
  css.replace(darkQuery, (_, asked: string) => (asked === theme ? '(min-width: 0)' : '(max-width: 0)'))
