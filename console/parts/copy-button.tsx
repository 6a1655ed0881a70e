import { useState } from 'preact/hooks'
import { useConsole } from '../use-console.ts'

/** Puts `text` on the clipboard. Browsers give pages a clipboard only over HTTPS and on localhost; elsewhere there is no button. */
export function CopyButton({ text }: { readonly text: string }) {
  const { texts } = useConsole()
  const [copied, setCopied] = useState(false)
  if (!window.isSecureContext) return null
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <button type="button" class="quiet" onClick={() => void copy()}>
      {copied ? texts.common.copied : texts.common.copy}
    </button>
  )
}
