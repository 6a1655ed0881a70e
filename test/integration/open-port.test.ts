import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { startApp } from '../support/start-app.ts'

test.each([
  ['mqtt.port', 'LATCHKEY_MQTT_PORT'],
  ['http.port', 'LATCHKEY_HTTP_PORT'],
])('a start on a %s that is taken says which setting to change', async (key, variable) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await expect(startApp({ env: { [variable]: String(port) } })).rejects.toThrow(
    `${key} ${port}: another program uses it: stop that program (ss -ltnp shows it), or set ${key} or ${variable} (EADDRINUSE)`,
  )
  taken.close()
})

test('a host that does not belong to this machine is reported as that', async () => {
  await expect(startApp({ env: { LATCHKEY_HOST: '192.0.2.1' } })).rejects.toThrow(
    /^http\.port 0: 192\.0\.2\.1 is not an address of this machine: set host or LATCHKEY_HOST \(EADDRNOTAVAIL\)$/,
  )
})
