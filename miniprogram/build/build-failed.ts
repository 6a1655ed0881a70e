/** One error in the mini-program. `line` and `column` count from 1. */
export interface Problem {
  /** The source file, below the app's folder unless absolute. */
  readonly file: string
  readonly line?: number
  readonly column?: number
  readonly message: string
}

/** The package was not made; `problems` lists all errors, one line each in the message. */
export class BuildFailed extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(describe).join('\n'))
    this.name = 'BuildFailed'
    this.problems = problems
  }
}

const describe = ({ file, line, column, message }: Problem): string =>
  `${[file, line, column].filter(part => part !== undefined).join(':')}: ${message}`

/** The line and column of the character at `index` of `text`, counted from 1. */
export function positionAt(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index)
  return { line: before.split('\n').length, column: index - before.lastIndexOf('\n') }
}
