import axios from 'axios'

const lookEveryMs = 2000
const figure = /^latchkey_event_loop_delay_seconds\{stat="max"\} (\S+)$/m

/** Watches the broker's own figure of its longest turn, which looks back ten seconds. What it gives stops, and resolves with the longest, in milliseconds. */
export function watchLongestTurn(httpPort: number): () => Promise<number> {
  let longestMs = 0
  async function look(): Promise<void> {
    const { data } = await axios.get<string>(`http://127.0.0.1:${httpPort}/metrics`, { responseType: 'text' })
    longestMs = Math.max(longestMs, Number(figure.exec(data)?.[1] ?? Number.NaN) * 1000)
  }
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, lookEveryMs)
  return async () => {
    clearInterval(timer)
    await looking
    await look()
    return longestMs
  }
}
