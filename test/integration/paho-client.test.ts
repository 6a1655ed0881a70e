import { spawn, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { startApp } from '../support/start-app.ts'
import { serviceToken } from '../support/story.ts'

const python = '/usr/bin/python3'
const installed = spawnSync(python, ['-c', 'import paho.mqtt.client']).status === 0
if (!installed) console.warn("paho's client of Python is not installed (Debian: python3-paho-mqtt): it is not tested")

/** Prints what it is told, one JSON a line: `[what, details]`. */
const program = `
import json, sys, time
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

port, token = int(sys.argv[1]), sys.argv[2]
seen = []

def told(what, *details):
    seen.append(what)
    print(json.dumps([what, *details]), flush=True)

def until(what, count=1):
    deadline = time.monotonic() + 15
    while seen.count(what) < count:
        if time.monotonic() > deadline:
            sys.exit('waited in vain for ' + what)
        time.sleep(0.01)

def properties(kind, **values):
    made = Properties(kind)
    for name, value in values.items():
        setattr(made, name, value)
    return made

def text(message):
    found = message.properties.json()
    found.pop('MessageExpiryInterval', None)
    return [message.topic, message.payload.decode(), bool(message.retain), found]

def connect(name, will=None):
    client = mqtt.Client(client_id=name, protocol=mqtt.MQTTv5)
    client.username_pw_set('jwt', token)
    client.on_connect = lambda c, u, flags, code, p: told(name + ' connected', code.value, flags['session present'])
    client.on_disconnect = lambda c, u, code, p=None: told(name + ' disconnected', getattr(code, 'value', code))
    client.on_subscribe = lambda c, u, mid, codes, p: told(name + ' subscribed', [code.value for code in codes])
    client.on_unsubscribe = lambda c, u, mid, p, codes: told(name + ' unsubscribed', getattr(codes, 'value', str(codes)))
    client.on_message = lambda c, u, message: told(name + ' heard', text(message))
    if will:
        client.will_set('app/will', 'gone', 1, False, will)
    client.connect('127.0.0.1', port, clean_start=True, properties=properties(PacketTypes.CONNECT, SessionExpiryInterval=60))
    client.loop_start()
    until(name + ' connected')
    return client

said = dict(ContentType='text/plain', ResponseTopic='app/answers', CorrelationData=b'c', PayloadFormatIndicator=1,
            MessageExpiryInterval=1000, UserProperty=[('a', '1'), ('a', '2')])
reader = connect('reader')
writer = connect('writer', properties(PacketTypes.WILLMESSAGE, WillDelayInterval=0, **said))
writer.publish('app/kept', 'kept', 1, True, properties(PacketTypes.PUBLISH, **said)).wait_for_publish()

reader.subscribe([('app/kept', SubscribeOptions(qos=1, retainHandling=2)),
                  ('app/own', SubscribeOptions(qos=1, noLocal=True)),
                  ('app/will', SubscribeOptions(qos=2)), ('other/#', SubscribeOptions(qos=1))])
until('reader subscribed')
reader.publish('app/own', 'mine', 1).wait_for_publish()
writer.publish('app/own', 'yours', 2).wait_for_publish()
until('reader heard')
reader.subscribe('app/kept', options=SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=0),
                 properties=properties(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=268435455))
until('reader heard', 2)
writer._sock_close()
until('reader heard', 3)
reader.unsubscribe('app/own')
until('reader unsubscribed')
reader.disconnect()
until('reader disconnected')
`

function run(...args: string[]): Promise<{ code: number | null; lines: unknown[]; errors: string }> {
  const child = spawn(python, ['-c', program, ...args])
  let output = ''
  let errors = ''
  child.stdout.on('data', text => (output += text))
  child.stderr.on('data', text => (errors += text))
  const lines = () => output.split('\n').filter(Boolean)
  return new Promise(resolve => child.once('close', code => resolve({ code, errors, lines: lines().map(parse) })))
}

const parse = (line: string): unknown => JSON.parse(line)

test.skipIf(!installed)(
  "paho's client of Python speaks MQTT 5: properties, options, a will and reason codes",
  async () => {
    await using running = await startApp()
    const { code, lines, errors } = await run(String(running.app.ports.mqtt), await serviceToken(running))
    const said = {
      ContentType: 'text/plain',
      ResponseTopic: 'app/answers',
      CorrelationData: '63',
      PayloadFormatIndicator: 1,
      UserProperty: [
        ['a', '1'],
        ['a', '2'],
      ],
    }
    expect({ errors, code }).toEqual({ errors: '', code: 0 })
    expect(lines).toContainEqual(['reader connected', 0, 0])
    expect(lines).toContainEqual(['reader subscribed', [1, 1, 2, 0x87]])
    const heard = lines.filter(line => Array.isArray(line) && line[0] === 'reader heard')
    expect(heard).toEqual([
      ['reader heard', ['app/own', 'yours', false, {}]],
      ['reader heard', ['app/kept', 'kept', true, { ...said, SubscriptionIdentifier: [268_435_455] }]],
      ['reader heard', ['app/will', 'gone', false, said]],
    ])
    expect(lines.at(-1)).toEqual(['reader disconnected', 0])
  },
)
