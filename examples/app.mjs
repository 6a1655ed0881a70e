// An app in a few lines: node examples/app.mjs DEVICE-ID CLAIM-CODE, while `npm start` runs.
import { createHash } from 'node:crypto'
import mqtt from 'mqtt'

const [deviceId, claimCode] = process.argv.slice(2)
const url = process.env.LATCHKEY_URL ?? 'ws://127.0.0.1:8080/mqtt'
const username = `ann-${Date.now()}`
const password = createHash('md5').update('what she typed').digest('hex')
const code = `sandbox:${username}:1` // in a mini-program: what wx.login gave

const client = await mqtt.connectAsync(url, { clientId: username, keepalive: 30 })
await client.subscribeAsync([`reply/${username}/#`, `notify/${username}/#`])
const ask = (operation, body) =>
  new Promise(resolve => {
    client.on('message', (topic, payload) => topic === `reply/${username}/${operation}` && resolve(JSON.parse(payload)))
    client.publish(`request/${username}/${operation}`, JSON.stringify(body))
  })
console.log(await ask('auth/register', { username, password, code })) // data: the token for the next connection
console.log(await ask('device/claim', { deviceId, code: claimCode }))

client.on('message', (topic, payload) => console.log(topic, JSON.parse(payload)))
await client.subscribeAsync(['devices/+/state', 'devices/+/ack']) // all her devices, now and later
await client.publishAsync(`devices/${deviceId}/set`, JSON.stringify({ id: '7', on: true }), { qos: 1 })
