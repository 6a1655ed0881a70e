import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Answer } from '../../src/protocol/requests.ts'
import { Confirm } from '../parts/confirm.tsx'
import { failureText, useConsole } from '../use-console.ts'

interface Asked {
  readonly action: string
  readonly question: string
  readonly run: () => Promise<void>
}

interface How<Data> {
  /** Asked before the action; without it the button acts at once. */
  readonly question?: string
  /** True when it takes something from somebody. */
  readonly isDanger?: boolean
  readonly onDone?: (data: Data) => void
}

/** Buttons that act on rows. Each says what came of it, all are counted, and those that take something from somebody ask first. */
export function useAction() {
  const { notice, texts, language } = useConsole()
  const [asked, setAsked] = useState<Asked>()
  const [times, setTimes] = useState(0)

  async function run<Data>(action: string, doing: Promise<Answer<Data>>, then?: (data: Data) => void): Promise<void> {
    const answer = await doing
    notice.value = answer.ok
      ? { text: texts.common.done(action), isBad: false }
      : { text: `${action}: ${failureText(answer, texts, language)}`, isBad: true }
    if (answer.ok) then?.(answer.data)
    setTimes(count => count + 1)
  }

  function button<Data>(action: string, doing: () => Promise<Answer<Data>>, how: How<Data> = {}): ComponentChildren {
    const { question, isDanger = false, onDone } = how
    const act = () => run(action, doing(), onDone)
    const pressed = () => (question === undefined ? void act() : setAsked({ action, question, run: act }))
    return (
      <button type="button" class={isDanger ? 'quiet danger' : 'quiet'} onClick={pressed}>
        {action}
      </button>
    )
  }

  const dialog: ComponentChildren = asked && (
    <Confirm
      action={asked.action}
      question={asked.question}
      onConfirm={asked.run}
      onClose={() => setAsked(undefined)}
    />
  )
  return { button, run, dialog, times }
}
