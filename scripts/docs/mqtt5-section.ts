import { maxUserProperties } from '../../src/broker/edge5/read-properties.ts'
import { ofDisconnect, ofPuback, ofSuback } from '../../src/broker/edge5/reason-codes.ts'
import { code, markdownTable } from './markdown-table.ts'

export const hex = (reasonCode: number) => `0x${reasonCode.toString(16).padStart(2, '0').toUpperCase()}`

function tableOf(reasons: Readonly<Record<string, number>>): string {
  const names = new Map<number, string[]>()
  for (const [name, reasonCode] of Object.entries(reasons))
    names.set(reasonCode, [...(names.get(reasonCode) ?? []), code(name)])
  const rows = [...names].sort(([a], [b]) => a - b).map(([reasonCode, all]) => [hex(reasonCode), all.join(', ')])
  return markdownTable(['reason code', 'rule or reason, as the log has it'], rows)
}

/** What docs/protocol.md says of MQTT 5. */
export const mqtt5Section = (): string => `## MQTT 5

Spoken on every port beside 3.1 and 3.1.1, by whoever connects; a client of one version reads what one of the other publishes. Topics, payloads, rights and limits are the same. What
it adds:

- **Sessions.** A session outlives its connection for as long as \`session expiry interval\` says, at most \`limits.sessionExpirySeconds\`; CONNACK says so when that is less. It is counted from the end of
  the connection, also over a restart of the broker, and DISCONNECT may change it. A guest's session ends with its connection. An empty client id is given one, \`auto-…\`.
- **Messages.** Payload format, content type, response topic, correlation data and user properties are handed on as they are and kept with the message: in queues, retained, in wills, over a
  restart. Text that is none (payload format 1) is refused with 0x99. A PUBLISH, and every other packet, may hold ${maxUserProperties} user properties. Readers of 3.1.1 get the message without all that.
- **Time.** A message whose \`message expiry interval\` is over goes to nobody, whatever version its reader speaks; a reader of MQTT 5 is told how much of it is left. A will may wait
  (\`will delay interval\`): it is sent when its time has come or its session has ended, whichever is first, also over a restart, and not at all when its client goes on with the session before that.
  Wills are sent for a DISCONNECT with 0x04 too.
- **Subscriptions.** No local, retain as published, retain handling, and identifiers: of all subscriptions that match, for live, queued and retained messages. A queued message carries the identifiers that its
  subscriptions have when it is sent.
- **Flow.** CONNACK says what the broker takes: \`receive maximum\` (\`limits.qos2Window\`), \`maximum packet size\` (\`limits.maxPacketBytes\`), 16 topic aliases once signed in. What the client takes is kept
  too: its receive maximum, its packet size (a message that is larger counts as delivered), its topic aliases, which are used at QoS 0.
- **Why not.** CONNACK, SUBACK, PUBACK, PUBREC and DISCONNECT carry a reason code, a reason string, and the user properties \`rule\` and, where there is one, \`code\`: the same words that the log and \`latchkey explain\`
  have. The user property \`language\` of CONNECT (\`zh\`, \`en\`) chooses the language of sentences. A client of MQTT 5 whose publish at QoS 1 or 2 is refused gets the answer alone, and no
  \`notify/{client}/denied\` or \`device-offline\` beside it; at QoS 0 it gets these as ever. Who sets \`request problem information\` to 0 gets codes without words in SUBACK, PUBACK and PUBREC.
- **Requests.** CONNACK answers \`request response information\` with \`reply/{client}/\`.

SUBACK refuses a filter with 0x87, not authorized, but for:

${tableOf(ofSuback)}

PUBACK and PUBREC refuse a message with 0x87, but for these; 0x10 is no refusal. A command is refused with 0x83 when its device is away (2004), and with 0x99 when its value is (2005, 4000).

${tableOf(ofPuback)}

DISCONNECT says 0x87 when rights have ended (a token, an account, a device), a fault of the table above, or:

${tableOf(ofDisconnect)}

Not built yet: answers to a request on its own response topic. Topic aliases are not sent at QoS 1 and 2.
`
