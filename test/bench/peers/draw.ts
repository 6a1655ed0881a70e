import { readFileSync, writeFileSync } from 'node:fs'
import { isMet, type Row } from './table.ts'

// npm run bench:picture -- RESULTS.json PICTURE.svg: draws what `npm run bench:peers -- --out RESULTS.json` has measured beside Mosquitto.
const [from = '', to = ''] = process.argv.slice(2)

const width = 900
const labelWidth = 440
const right = 70
const rowHeight = 24
const top = 44
const least = 0.05
const most = 24
const ticks = [0.1, 0.3, 1, 3, 10, 20]

/** Each row that was compared; of what is better when it is less, how many times less. */
const rows = (JSON.parse(readFileSync(from, 'utf8')) as readonly Row[]).flatMap(row => {
  const { title, ratio, bar } = row
  if (ratio === undefined) return []
  const goal = bar?.of === 'ratio' ? (bar.most ? 1 / bar.value : bar.value) : undefined
  const value = bar?.most ? 1 / ratio : ratio
  return [{ title, value, goal, met: goal === undefined ? undefined : isMet(row) }]
})

const height = top + rows.length * rowHeight + 34
const x = (value: number): number => {
  const share = Math.log(Math.min(Math.max(value, least), most) / least) / Math.log(most / least)
  return Math.round(labelWidth + share * (width - labelWidth - right))
}
const text = (at: number, y: number, said: string, more = '') =>
  `<text x="${at}" y="${y}"${more}>${escaped(said)}</text>`
const escaped = (said: string) => said.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const shown = (value: number) => value.toFixed(value < 10 ? 2 : 1)

const axis = ticks.map(
  tick =>
    `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${x(tick)}" x2="${x(tick)}" y1="${top - 8}" y2="${height - 30}"/>${text(x(tick), top - 14, `${tick}`, ' text-anchor="middle"')}`,
)
const bars = rows.map(({ title, value, goal, met }, n) => {
  const y = top + n * rowHeight
  const begin = Math.min(x(1), x(value))
  const length = Math.max(2, Math.abs(x(value) - x(1)))
  const kind = met === undefined ? 'open' : met ? 'met' : 'missed'
  const mark =
    goal === undefined ? '' : `<line class="goal" x1="${x(goal)}" x2="${x(goal)}" y1="${y - 1}" y2="${y + 17}"/>`
  return [
    text(labelWidth - 12, y + 12, title, ' text-anchor="end"'),
    `<rect class="${kind}" x="${begin}" y="${y + 2}" width="${length}" height="12" rx="2"/>${mark}`,
    text(width - right + 14, y + 12, shown(value)),
  ].join('')
})
const legend = text(
  12,
  height - 8,
  '1: as Mosquitto, for the same processor time. | is the bar; green reaches it, orange does not.',
)

writeFileSync(
  to,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Latchkey beside Mosquitto">
<style>
text { font: 12px system-ui, sans-serif; fill: #59636e }
line { stroke: #59636e } .grid { opacity: .25 } .one { stroke-width: 1.5 } .goal { stroke-width: 3 }
.met { fill: #2da44e } .missed { fill: #d4762c } .open { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #b1bac4 } line { stroke: #b1bac4 } }
</style>
${[...axis, ...bars, legend].join('\n')}
</svg>
`,
)
