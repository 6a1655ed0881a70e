const extensions = { ES256: 'pem', HS256: 'key' } as const

/** The ending of a key's file, by the algorithm of tokens. */
export type TokenAlgorithm = keyof typeof extensions

/** The file of a signing key by its number: `0001.pem`. The highest number is the newest key. */
export const signingKeyFile = (algorithm: TokenAlgorithm, number: number): string =>
  `${String(number).padStart(4, '0')}.${extensions[algorithm]}`

/** The number of a signing key by the name of its file; undefined for any other file. */
export function signingKeyNumber(algorithm: TokenAlgorithm, name: string): number | undefined {
  const [number = '', extension, ...more] = name.split('.')
  if (extension !== extensions[algorithm] || more.length > 0 || !/^\d+$/.test(number)) return undefined
  return Number.parseInt(number, 10)
}
