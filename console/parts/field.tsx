import { useId } from 'preact/hooks'

interface SelectProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly options: readonly (readonly [value: Value, text: string])[]
  readonly onChange: (value: Value) => void
}

/** A choice among a few values, under its label. */
export const Select = <Value extends string>({ label, value, options, onChange }: SelectProps<Value>) => (
  <label class="field">
    <span>{label}</span>
    <select
      value={value}
      onChange={event => {
        const chosen = options.find(([option]) => option === event.currentTarget.value)
        if (chosen) onChange(chosen[0])
      }}
    >
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  </label>
)

interface TextProps {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly type?: 'text' | 'search' | 'password'
  readonly inputMode?: 'numeric'
  /** An example of a value. */
  readonly placeholder?: string
  readonly autocomplete?: string
  readonly required?: boolean
}

/** A line of text, under its label. */
export function TextField({ label, onInput, type = 'text', autocomplete = 'off', ...rest }: TextProps) {
  const all = {
    ...rest,
    autocomplete,
    autocapitalize: 'off',
    spellcheck: false,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  } as const
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === 'password' && <input id={id} type="password" {...all} />}
      {type === 'search' && <input id={id} type="search" {...all} />}
      {type === 'text' && <input id={id} type="text" {...all} />}
    </div>
  )
}
