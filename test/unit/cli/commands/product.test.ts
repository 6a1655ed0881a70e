import { expect, test } from 'vitest'
import { runLine } from '../command-line.ts'

test.each([
  ['enable', 'enable', true],
  ['secret', 'show', false],
  ['rotate', 'rotate', true],
])('product %s shows the secret', async (verb, method, enabled) => {
  const { exitCode, stdout, calls } = await runLine(['product', verb, 'lamp'])
  expect(exitCode).toBe(0)
  expect(calls[0]).toEqual([method, 'lamp'])
  expect(stdout).toMatch(/^type +lamp\nproduct secret +PRODUCT-SECRET\n/)
  expect(stdout).toContain(enabled ? 'Anybody who has it can enroll devices' : 'latchkey product enable lamp')
  const { stdout: json } = await runLine(['product', verb, 'lamp', '--json'])
  expect(JSON.parse(json)).toEqual({ type: 'lamp', generation: 1, enabled, secret: 'PRODUCT-SECRET' })
})

test('product disable says what stays', async () => {
  const { exitCode, stdout, calls } = await runLine(['product', 'disable', 'lamp'])
  expect(exitCode).toBe(0)
  expect(calls[0]).toEqual(['disable', 'lamp'])
  expect(stdout).toContain('Enrolled devices stay')
})

test.each(['enable', 'secret', 'rotate', 'disable'])('product %s of a type that does not exist exits 1', async verb => {
  const { exitCode, stdout, stderr } = await runLine(['product', verb, 'rocket'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toContain('no device type "rocket"')
})
