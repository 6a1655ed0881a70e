interface Props {
  readonly label: string
  readonly value: string
  readonly more: string
}

/** One important number, and what explains it. */
export const Tile = ({ label, value, more }: Props) => (
  <div class="card tile">
    <span class="muted">{label}</span>
    <strong>{value}</strong>
    <span class="muted small">{more}</span>
  </div>
)
