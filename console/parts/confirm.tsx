import { useState } from 'preact/hooks'
import { useConsole } from '../use-console.ts'
import { Dialog } from './dialog.tsx'

interface Props {
  /** The action, as its button names it. */
  readonly action: string
  readonly question: string
  readonly onConfirm: () => Promise<void>
  readonly onClose: () => void
}

/** Asks before an action that takes something from somebody. */
export function Confirm({ action, question, onConfirm, onClose }: Props) {
  const { texts } = useConsole()
  const [busy, setBusy] = useState(false)
  return (
    <Dialog title={action} onClose={onClose}>
      <p class="question">{question}</p>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {texts.common.cancel}
        </button>
        <button
          type="button"
          class="danger"
          disabled={busy}
          onClick={() => {
            setBusy(true)
            void onConfirm().finally(onClose)
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  )
}
