import { exchange, openTcp, openWebSocket } from '../../support/raw-client.ts'
import { cpuMsOf } from '../process-figures.ts'
import type { Entrant, Peer, Transport } from './peer.ts'
import { elapse } from './traffic.ts'

const atOnce = 8

/** CONNECTs that were accepted for each second of the broker's processor time, by clients that come and go, eight at once. */
export async function measureConnects(
  peer: Peer,
  { credentials }: Pick<Entrant, 'credentials'>,
  transport: Transport,
  windowMs: number,
): Promise<number> {
  let accepted = 0
  let isOver = false
  const come = async (place: number) => {
    while (!isOver) {
      const client = await (transport === 'tcp' ? openTcp(peer.port.tcp) : openWebSocket(peer.port.ws))
      const { password, ...names } = credentials(`comes-${place}`)
      const connack = await exchange(client, {
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        keepalive: 60,
        ...names,
        ...(password !== undefined && { password: Buffer.from(password) }),
      })
      if (connack.cmd !== 'connack' || connack.returnCode !== 0) throw new Error(`refused: ${JSON.stringify(connack)}`)
      accepted++
      client.end()
      await client.closed
    }
  }
  const comers = Array.from({ length: atOnce }, (_, place) => come(place))
  await elapse(windowMs / 2)
  const before = { accepted, cpuMs: cpuMsOf(peer.pid) }
  await elapse(windowMs)
  const rate = ((accepted - before.accepted) * 1000) / (cpuMsOf(peer.pid) - before.cpuMs)
  isOver = true
  await Promise.all(comers)
  return rate
}
