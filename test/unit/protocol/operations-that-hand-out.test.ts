import { expect, it } from 'vitest'
import { operationNamed, operationNames } from '../../../src/protocol/operations.ts'

it('what hands out a token, a secret or an invitation says so', () => {
  expect(operationNames.filter(name => operationNamed(name)?.handsOutSecret)).toEqual([
    'auth/login',
    'auth/bind',
    'auth/register',
    'auth/signin',
    'auth/refresh',
    'auth/password',
    'device/share',
    'device/enroll',
    'ops/device/add',
    'ops/device/reset',
  ])
})
