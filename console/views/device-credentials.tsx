import { create } from 'qrcode'
import { CopyButton } from '../parts/copy-button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { useConsole } from '../use-console.ts'

interface Props {
  readonly id: string
  readonly secret: string
  /** Null while the device has an owner. */
  readonly claimCode: string | null
  /** The content of its QR code, by the broker's settings; null without a claim code. */
  readonly link: string | null
  readonly onClose: () => void
}

/** What a device and its first owner need, shown once. */
export function DeviceCredentials({ id, secret, claimCode, link, onClose }: Props) {
  const { texts } = useConsole()
  const words = texts.devices
  return (
    <Dialog title={words.added(id)} onClose={onClose}>
      <dl class="credentials">
        <dt>{words.secret}</dt>
        <dd>
          <code>{secret}</code> <CopyButton text={secret} />
        </dd>
        {claimCode !== null && (
          <>
            <dt>{words.claimCode}</dt>
            <dd>
              <code>{claimCode}</code> <CopyButton text={claimCode} />
            </dd>
          </>
        )}
      </dl>
      {link === null ? <p class="muted">{words.owned}</p> : <QrCode text={link} label={words.qr} />}
      <p class="muted">{words.once}</p>
      <div class="buttons">
        <button type="button" class="primary" onClick={onClose}>
          {texts.common.close}
        </button>
      </div>
    </Dialog>
  )
}

/** Width of the quiet zone around a QR code, in modules (ISO/IEC 18004). */
const quiet = 4

function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const side = modules.size + 2 * quiet
  const dark = [...modules.data.keys()].filter(at => modules.data[at])
  const path = dark
    .map(at => `M${quiet + (at % modules.size)} ${quiet + Math.floor(at / modules.size)}h1v1h-1z`)
    .join('')
  return (
    <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  )
}
