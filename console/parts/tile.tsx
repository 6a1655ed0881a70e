interface Props {
  readonly label: string
  readonly value: string
  readonly more: string
}

/** One number that matters, and what stands behind it. */
export const Tile = ({ label, value, more }: Props) => (
  <div class="card tile">
    <span class="muted">{label}</span>
    <strong>{value}</strong>
    <span class="muted small">{more}</span>
  </div>
)
