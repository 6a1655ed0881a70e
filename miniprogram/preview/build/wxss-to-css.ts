import { parse } from 'postcss'
import selectorParser from 'postcss-selector-parser'
import { elementName } from '../element-name.ts'
import { rpxLengths } from '../rpx.ts'

/** The scope of a style sheet: everything, one page, or one component under its class prefix. */
export type StyleAudience = { readonly page: string } | { readonly scope: string | null } | 'app'

/** CSS for the browser: lengths in rpx follow the window's width, `page` is our element, and selectors reach only their scope. */
export function wxssToCss(wxss: string, audience: StyleAudience): string {
  const sheet = parse(wxss)
  sheet.walkDecls(declaration => {
    declaration.value = rpxLengths(declaration.value)
  })
  sheet.walkAtRules(rule => {
    rule.params = rpxLengths(rule.params)
  })
  sheet.walkRules(rule => {
    const { parent } = rule
    if (parent?.type === 'atrule' && 'name' in parent && /keyframes$/.test(String(parent.name))) return
    rule.selector = selectors(audience).processSync(rule.selector)
  })
  return sheet.toString()
}

const selectors = (audience: StyleAudience) =>
  selectorParser(root => {
    root.walkTags(tag => {
      tag.value = elementName(tag.value)
    })
    if (audience === 'app') return
    if ('page' in audience) {
      root.each(selector => keepToPage(selector, audience.page))
      return
    }
    const { scope } = audience
    if (scope === null) return
    root.walkClasses(name => {
      name.value = `${scope}--${name.value}`
    })
    root.walkPseudos(pseudo => {
      if (pseudo.value === ':host')
        pseudo.replaceWith(
          selectorParser.attribute({ attribute: 'wx-host', operator: '=', value: scope, quoteMark: '"', raws: {} }),
        )
    })
  })

function keepToPage(selector: selectorParser.Selector, page: string): void {
  const own = `wx-page[route="${page}"]`
  if (selector.first?.type === 'tag' && selector.first.value === 'wx-page')
    selector.first.replaceWith(selectorParser.tag({ value: own }))
  else selector.prepend(selectorParser.pseudo({ value: `:where(${own}) ` }))
}
