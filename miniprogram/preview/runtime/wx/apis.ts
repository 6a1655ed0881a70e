import { functionIn, isRecord, type Options } from '../options.ts'

/** Records the calls to `wx`, and answers them. */
export interface Apis {
  readonly calls: Record<string, unknown[]>
  readonly mocks: Map<string, (options: unknown) => unknown>
  /**
   * A function of WeChat's usual form, which succeeds with the fields that `run` gives: `success`, `fail` and `complete` when one is given, else a promise. What `run` throws fails the call with
   * `NAME:fail MESSAGE`.
   */
  create(name: string, run: (options: Options) => unknown): (options?: unknown) => Promise<object> | undefined
  /** Records calls of a function of another form. */
  record<Given extends unknown[], Result>(name: string, run: (...given: Given) => Result): (...given: Given) => Result
}

export function createApis(): Apis {
  const calls: Record<string, unknown[]> = {}
  const mocks = new Map<string, (options: unknown) => unknown>()

  const note = (name: string, argument: unknown) => {
    const known = calls[name] ?? []
    calls[name] = known
    known.push(argument)
  }

  async function settle(name: string, run: (options: Options) => unknown, options: Options): Promise<object> {
    const mock = mocks.get(name)
    try {
      const answer = await (mock ? mock(options) : run(options))
      const result = { errMsg: `${name}:ok`, ...(isRecord(answer) && answer) }
      functionIn(options, 'success')?.(result)
      return result
    } catch (error) {
      const failure = failureOf(name, error)
      functionIn(options, 'fail')?.(failure)
      throw failure
    }
  }

  return {
    calls,
    mocks,
    create: (name, run) => given => {
      const options = isRecord(given) ? given : {}
      note(name, options)
      const complete = functionIn(options, 'complete')
      const settled = settle(name, run, options)
      if (complete) settled.then(complete, complete)
      const hasCallback = complete ?? functionIn(options, 'success') ?? functionIn(options, 'fail')
      if (!hasCallback) return settled
      settled.catch(() => {})
      return undefined
    },
    record:
      (name, run) =>
      (...given) => {
        note(name, given[0])
        return run(...given)
      },
  }
}

/** WeChat's failures are objects with `errMsg`, not errors. */
export function failureOf(name: string, cause: unknown): object {
  if (isRecord(cause) && typeof cause.errMsg === 'string') return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return { errMsg: `${name}:fail ${message}` }
}
