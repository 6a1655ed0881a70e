import { generate, type Packet } from 'mqtt-packet'

/** Names the user of `startBroker`. */
export const user = { username: 'jwt', password: 'x' }
/** Names its device. */
export const asDevice = { clientId: 'd1', username: 'device', password: 'x' }
/** A CONNECT with a token for password, or of a guest; `keepalive` in seconds. */
export const connectPacket = (clientId: string, clean: boolean, password: string | null = 'x', keepalive = 0) =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean,
    keepalive,
    clientId,
    ...(password !== null && { username: 'jwt', password: Buffer.from(password) }),
  })

/** A CONNECT that leaves a will, and so waits for the store. */
export const connectWithWill = (clientId: string, clean: boolean, topic: string, password = 'x') =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean,
    keepalive: 0,
    clientId,
    username: 'jwt',
    password: Buffer.from(password),
    will: { topic, payload: Buffer.from('{}'), qos: 0, retain: false },
  })

/** An UNSUBSCRIBE. */
export const unsubscribePacket = (messageId: number, ...unsubscriptions: string[]) =>
  generate({ cmd: 'unsubscribe', messageId, unsubscriptions })
/** A PUBLISH, at QoS 1 with a message id. */
export const publishPacket = (topic: string, payload: string | Buffer, messageId?: number) =>
  generate({
    cmd: 'publish',
    topic,
    payload,
    qos: messageId ? 1 : 0,
    dup: false,
    retain: false,
    ...(messageId ? { messageId } : {}),
  })
/** Looks for a packet received, by kind and message id. */
export const got = (packets: Packet[], cmd: string, messageId?: number) => () =>
  packets.find(packet => packet.cmd === cmd && (messageId === undefined || packet.messageId === messageId))
/** The payloads received on a topic. */
export const payloads = (packets: Packet[], topic: string) =>
  packets.flatMap(packet => (packet.cmd === 'publish' && packet.topic === topic ? [String(packet.payload)] : []))
