import type { PackageContent } from '../package-content.ts'
import type { ModuleCode } from './modules.ts'
import type { PhoneControls } from './phone.ts'
import type { CompiledTemplateGroups } from './register-package.ts'
import { readSettings } from './settings.ts'
import { startPhone } from './start-phone.ts'

declare global {
  interface Window {
    /** There as soon as the mini-program is started. */
    phone?: PhoneControls
    /** Called by app-service.js with the built package. */
    latchkeyPackage(
      content: PackageContent,
      templates: CompiledTemplateGroups,
      modules: Readonly<Record<string, ModuleCode>>,
    ): void
    /** In WXS `x.constructor` is a text, and these two stand for RegExp and Date. */
    wxsConstructorName(value: unknown): string | undefined
    getRegExp(pattern: string, flags?: string): RegExp
    getDate(...given: [] | [number | string]): Date
  }
}

window.wxsConstructorName = value =>
  value === null || value === undefined ? undefined : Object.prototype.toString.call(value).slice(8, -1)
window.getRegExp = (pattern, flags) => new RegExp(pattern, flags)
window.getDate = (...given) => (given.length === 0 ? new Date() : new Date(given[0]))

window.latchkeyPackage = (content, templates, modules) => {
  const server = new URL('../mqtt', location.href)
  server.protocol = server.protocol === 'https:' ? 'wss:' : 'ws:'
  window.phone = startPhone({
    content,
    templates,
    modules,
    settings: readSettings(location, navigator.languages),
    serverUrl: server.href,
    onShare: card => parent.postMessage({ kind: 'latchkey-share', card }, location.origin),
  })
}
