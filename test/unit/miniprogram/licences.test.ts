import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { licences } from '../../../miniprogram/app/services/licences.ts'
import { version } from '../../../miniprogram/app/version.ts'

const read = createRequire(import.meta.filename)

test('the version that the phone shows is that of the package', () => {
  expect(version).toBe(read('../../../package.json').version)
})

test.each(licences.filter(({ name }) => name !== 'Latchkey'))('$name is under $licence', ({ name, licence }) => {
  expect(read(`../../../node_modules/${name}/package.json`).license).toBe(licence)
})
