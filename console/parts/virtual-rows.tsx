import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'

interface Props<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => number
  readonly draw: (row: Row) => ComponentChildren
}

/** Height of a row in pixels, as in console.css. */
const rowHeight = 26

/** Rows of one height, of which only those in sight are drawn. Scrolled to the end, it stays at the end. */
export function VirtualRows<Row>({ label, rows, keyOf, draw }: Props<Row>) {
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const [, redraw] = useReducer((times: number) => times + 1, 0)
  const options: VirtualizerOptions<HTMLDivElement, HTMLDivElement> = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(undefined),
  }
  const [virtualizer] = useState(() => new Virtualizer(options))
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [])
  useLayoutEffect(() => {
    virtualizer._willUpdate()
    if (isAtEnd.current && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
  })
  return (
    <div
      ref={scroller}
      class="rows"
      role="log"
      aria-label={label}
      aria-live="off"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollTop + clientHeight > scrollHeight - 2 * rowHeight
      }}
    >
      <div class="rows-all" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          return row === undefined ? null : (
            <div key={keyOf(row)} class="rows-one" style={{ transform: `translateY(${start}px)` }}>
              {draw(row)}
            </div>
          )
        })}
      </div>
    </div>
  )
}
