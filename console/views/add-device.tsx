import { useState } from 'preact/hooks'
import type { RequestBodyOf } from '../../src/protocol/operations.ts'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { useConsole } from '../use-console.ts'

interface Props {
  readonly onAdd: (body: RequestBodyOf<'ops/device/add'>) => Promise<void>
  readonly onClose: () => void
}

/** Asks for what a new device needs; the broker says what is wrong with it. */
export function AddDevice({ onAdd, onClose }: Props) {
  const { texts } = useConsole()
  const words = texts.devices
  const [type, setType] = useState('lamp')
  const [deviceId, setDeviceId] = useState('')
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  return (
    <Dialog title={words.add} onClose={onClose}>
      <form
        class="stack"
        onSubmit={event => {
          event.preventDefault()
          setBusy(true)
          void onAdd({ type, ...(deviceId && { deviceId }), ...(name && { name }) }).finally(() => setBusy(false))
        }}
      >
        <TextField label={words.addType} value={type} onInput={setType} required />
        <TextField label={words.addId} value={deviceId} onInput={setDeviceId} />
        <TextField label={words.addName} value={name} onInput={setName} />
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {texts.common.cancel}
          </button>
          <button type="submit" class="primary" disabled={busy}>
            {words.addSubmit}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
