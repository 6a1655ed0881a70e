import { md5 } from 'js-md5'
import { useState } from 'preact/hooks'
import { TextField } from '../parts/field.tsx'
import { failureText, useConsole } from '../use-console.ts'

/** The only page without a connection. */
export function SignIn() {
  const { link, texts, language } = useConsole()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  const words = texts.signIn

  async function signIn(): Promise<void> {
    setBusy(true)
    const failed = await link.signIn(username, md5(password))
    setBusy(false)
    setFailure(failed ? failureText(failed, texts, language) : '')
  }

  return (
    <main class="sign-in">
      <form
        class="card stack"
        onSubmit={event => {
          event.preventDefault()
          void signIn()
        }}
      >
        <h1>{texts.title}</h1>
        <p class="muted">{words.lead}</p>
        {link.wasEnded.value && <p class="failure">{words.ended}</p>}
        <TextField label={words.username} value={username} onInput={setUsername} autocomplete="username" required />
        <TextField
          label={words.password}
          type="password"
          value={password}
          onInput={setPassword}
          autocomplete="current-password"
          required
        />
        <p class="failure" role="alert">
          {failure}
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? words.busy : words.submit}
        </button>
      </form>
    </main>
  )
}
