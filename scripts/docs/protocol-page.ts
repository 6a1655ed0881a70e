import { connackCode } from '../../src/broker/edge5/reason-codes.ts'
import { connectRefusalMeanings } from '../../src/cli/output/connect-refusal-meanings.ts'
import { type Rule, rules, serviceBounds } from '../../src/domain/policy.ts'
import { authenticationMethod, connectRefusals } from '../../src/domain/sign-in.ts'
import { codes as replyCodes } from '../../src/protocol/codes.ts'
import { maxRequestBytes } from '../../src/protocol/envelope.ts'
import { operations } from '../../src/protocol/operations.ts'
import { packetFaultRows } from '../../src/protocol/packet-faults.ts'
import { topicTemplates } from '../../src/protocol/topics.ts'
import { fieldsOf, shapeOf } from './describe-schema.ts'
import { code, codes, markdownTable } from './markdown-table.ts'
import { hex, mqtt5Section } from './mqtt5-section.ts'
import { notificationMeanings, topicMeanings } from './topic-meanings.ts'

/** docs/protocol.md. */
export const protocolPage = (): string => `# Protocol

MQTT 3.1.1 and [MQTT 5](#mqtt-5) (3.1 accepted) over TCP, TLS, and WebSocket at \`/mqtt\` with subprotocol \`mqtt\`.

## Connecting

${markdownTable(
  ['who', 'user name', 'password', 'client id'],
  [
    ['guest', 'none', 'none', 'any, also one that is in use; clean session, no will'],
    ['user, operator', '`jwt`', 'a token', 'any'],
    ['device', 'its id', 'its secret', 'its id'],
    ['device with a certificate', 'none', 'none', 'its id, the CN of the certificate; over TLS, with `tls.ca`'],
    ['service', '`jwt`', 'a token that an operator issued', 'any; other text too, see below'],
  ],
)}

The client id of a service may be any text that MQTT allows, up to 256 bytes of UTF-8, without \`#\`, \`+\` and control characters: \`paho/41f3\`, \`node red 1\`. A
client whose id is not 1–64 of \`A–Z a–z 0–9 _ . : -\` has no \`request\`, \`reply\` and \`notify\` topics, for they could be another client's: only the log says what
is refused to it.

A guest becomes a user in place, on the same connection, by one of the \`auth/…\` requests. A refused CONNECT gets one of these codes:

${markdownTable(
  ['CONNACK', 'MQTT 5', 'in the log', 'meaning'],
  entriesOf(connectRefusals).map(([name, returnCode]) => [
    String(returnCode),
    hex(connackCode({ rule: name })),
    code(name),
    connectRefusalMeanings[name],
  ]),
)}

A **will** is checked at CONNECT as a publish is. It is sent when the connection ends without DISCONNECT, with the rights that its session has then. It is also sent
when the token has expired, or when the broker was down meanwhile. It is not sent when the token was revoked, when the account or device was disabled, or after logging
out.

### Whose a client id is

A client id belongs to the principal that has a live or a stored session with it, as long as that principal has rights. Another principal that connects with it

- is let in when it is **higher** than the holder: a device before services and operators, those before users, users before guests. The holder's connection is closed
  (\`displaced\`; its will is sent, by the holder's rights), and its stored session is deleted with everything that waited in it (\`session-displaced\` in the log);
- is let in when the **holder's rights have ended**: account disabled or signed out everywhere, token revoked or logged out, device disabled or given a new secret.
  Until another comes, the stored session stays for its owner, who finds it again after signing in anew. A token that has merely expired takes nothing away;
- gets CONNACK 2 (\`identifier-in-use\`) otherwise: among equals the holder stays.

A **guest holds no client id**. Guests may connect with any client id, also a device's or one that is in use, and all are answered alike, so that a stranger does not
learn who is there. The id is checked when the guest signs in. If it is a device's, or if another principal that is not lower holds it, the sign-in is refused with
1009, and nothing is registered or bound: connect again with another client id. Otherwise it is as if the session had connected with that id and the clean session flag.

Nothing of a stored session is ever sent to anybody but its principal. So signing in on its connection does not hand over a session with clean session off either: an
account other than the one that it is stored for is answered 1009 there. An account stays the same when its role changes.

### Tokens and their families

Signing in (\`auth/signin\`, \`auth/login\`, \`auth/bind\`, \`auth/register\`) begins a **family** of tokens. \`auth/refresh\` adds a **successor** to it, and the
session that asks goes on with that. The token before it, its **predecessor**, ends as soon as the successor is first used at CONNECT, and at the latest ten minutes
after the refresh. Sessions that are open with the predecessor stay open.

| a client that | does this |
| --- | --- |
| gets the reply | keeps the successor in place of the predecessor, before it does anything else |
| loses the reply | connects again with the token that it has, within ten minutes, and refreshes again; later than that it signs in again |
| is refused with CONNACK 5 | forgets its token, and signs in again |

A token is for one client. **Using a token, at CONNECT or for a refresh, after another of its family that is as new or newer was used at CONNECT, ends the whole
family**, with every open session of it: two clients have had the token, and one may be a thief. It is on record (\`token-reused\`). So connections that share a token
must share its successors too; or each signs in by itself.

Logging out and an operator's revocation end a family; unbinding, disabling and \`everywhere\` end all families of the account. Changing the password does so too, and
ends every other session of the account, also those that use the same token. The session that asked goes on with the \`token\` of the answer, the first of a new family;
the app keeps it in place of the old one. An app that ignores it must sign in again when it next connects. A family ends by itself \`tokens.familyMaxDays\` after it
began: no token of it has an \`exp\` beyond that. Tokens that the command line issued, and those of services, have no family: they end at their own \`exp\`
(\`auth/refresh\` answers 4003).

### Signing in by AUTH (MQTT 5)

A client of MQTT 5 whose CONNECT names the authentication method \`${authenticationMethod}\` may sign in, refresh and log out by AUTH packets, without topics and without
having subscribed to anything:

${markdownTable(
  ['packet', 'authentication data', 'what it does'],
  [
    ['CONNECT', '`{"token": "…"}`', 'the same as user name `jwt` with that password'],
    ['CONNECT', 'none, or without `token`', 'a guest, who signs in by AUTH; an `op` is ignored here'],
    [
      'AUTH 0x19 or 0x18 from the client',
      '`{"op": "auth/signin", …}`',
      'one of the `auth/…` operations, with its fields',
    ],
    ['AUTH 0x00 from the broker', '`{"id"?, "code": 0, "msg", "data"}`', 'the reply: it is done'],
    [
      'AUTH 0x18 from the broker',
      '`{"id"?, "code", "msg", "data"}`',
      'the reply: it is refused, may be tried again, and the connection lives',
    ],
  ],
)}

Operations, codes and limits are those of \`request/…\`, and both ways count together. When CONNECT has a user name, that counts and the data are ignored. Any other method
is refused at CONNECT with 0x8C. An AUTH with another method than CONNECT's, and one that comes before the last was answered, end the connection with 0x82. When the whole
packet would be larger than the client accepts, AUTH comes without data.

### Keep alive

A session that has sent no byte for one and a half times its keep alive is closed (\`keep-alive-timeout\`), at most two seconds late. A part of a packet or of a
WebSocket frame counts as a sign of life, so a long packet on a slow uplink may take its time. WebSocket pings and pongs do not count.

### What is not MQTT

Every packet is checked before it is processed. A packet that the standard forbids closes its connection, without a CONNACK when it is a CONNECT. The log's reason is
\`protocol-violation: \`, the packet's name, and one of these:

${markdownTable(['in the log', 'MQTT 3.1.1', 'MQTT 5', 'DISCONNECT'], packetFaultRows())}

A connection that begins with something other than MQTT is closed with \`not-mqtt: \` and what it looked like: HTTP, TLS, PROXY protocol, SSH. A connection with a
packet larger than \`limits.maxConnectPacketBytes\` or \`limits.maxPacketBytes\` is closed with \`packet-too-large: \`. These are reasons of \`connection-refused\`, ten
lines a minute of each kind, or of \`session-closed\`. In CONNACK of MQTT 3.1 the first byte is 0: session present came with 3.1.1.

### Many filters

A SUBSCRIBE may hold \`limits.filtersPerPacket\` filters when an integration sends it, and \`limits.filtersPerPacketOfOthers\` otherwise. Those beyond it are refused
with 0x80, and one line \`subscribe-refused\` says how many there were; the others are decided on as usual. An UNSUBSCRIBE may hold as many as the session may have
(\`limits.filtersPerSession\`, \`limits.filtersPerSessionOfOthers\`). More of them close the connection, since UNSUBACK has no code for a refusal:
\`too-many-filters-in-packet\`.

A filter has at most 512 characters, unless an integration subscribes it. A longer one is refused with 0x80 (\`filter-too-long\`).

${mqtt5Section()}
## Topics

${markdownTable(
  ['topic', 'way', 'payload'],
  entriesOf(topicTemplates).map(([name, topic]) => [code(topic), ...topicMeanings[name]]),
)}

\`notify/{client}/{kind}\`:

${markdownTable(
  ['kind', 'meaning'],
  entriesOf(notificationMeanings).map(([kind, meaning]) => [code(kind), meaning]),
)}

## Delivery

A session is sent a message once, however many of its filters match it, at the lower of the message's QoS and the highest QoS of these filters. A reader that is
\`limits.maxBufferedBytes\` behind misses messages at QoS 0.

At QoS 1 and 2 a reader sets its own pace: at most 100 messages are on their way to a connection without being acknowledged, and at most 128 KiB of them, or one larger
message. For a stored session (clean session off) everything stays in its queue until it acknowledges it, whatever ends its connections; what was sent before comes
again with DUP and the same packet id. For a clean session the rest waits in memory, and the connection is closed when \`limits.maxBufferedBytes\` wait.
Acknowledgements, replies and PINGRESP are sent ahead of what waits.

Retained messages are sent at the reader's pace too, each as it is at the moment of sending. They alternate with the messages that come meanwhile, so that neither wait
for the end of the others. A stored session whose connection breaks in the middle of them, after SUBACK, is sent the rest in its next connection, without a SUBSCRIBE.
What was on its way at QoS 1 and 2 comes again, as any message does. At QoS 0 (of the subscription or of the message) it is lost, as QoS 0 allows; a restart of the
broker also ends what is left of a subscription at QoS 0.

A command is delivered now or refused. When its device has no subscription that matches it yet, or does not read, the sender is told \`device-offline\`. A command that
was queued for a device is not delivered after the device was away.

A bridge (protocol level 0x84 or 0x83, as Mosquitto sends it) is not sent what it has published itself. A message that was published with the retain flag comes to a
bridge with that flag. Mosquitto announces the state of a bridge by a will on \`$SYS/…\`, where nobody may publish: set \`notifications false\`, or set
\`notification_topic\` to a topic that the token's \`acl\` allows (\`app/bridge\`).

## Who may do what

What no row allows is refused: a subscription gets SUBACK 0x80; a publish is dropped, and its sender is told by a \`denied\` notification. The notification and the log
name the rule.

${markdownTable(['rule', 'who', 'may', 'topics', 'note'], rules.map(ruleRow))}

A user who subscribes to a wildcard over devices (\`devices/+/state\`, \`devices/#\`, …) gets the messages of every device that they may see, now and later (rule
\`member-follows\`). A service may do what the \`acl\` of its token lists (rule \`service-acl\`), publishing within ${codes(serviceBounds.publish)} and subscribing
within ${codes(serviceBounds.subscribe)}.

### Shared subscriptions

Services may share a subscription: \`$share/{group}/{filter}\`, in every version of MQTT. The \`acl\` is asked about \`{filter}\`; anybody else is refused (rule
\`shared-not-allowed\`, SUBACK 0x9E, or 0x80 in MQTT 3.1.1). Of each group one member gets a message, at the QoS of its own subscription. Members that are connected and
have room take turns. When none is connected, a message at QoS 1 or 2 waits for a member whose session is stored, in turns; when there is none, it is nobody's. What
a clean session leaves unacknowledged at QoS 1, or unsent, comes to another member; what is in the queue of a stored session stays with it. Retained messages are not sent for a shared subscription.

## Advice for apps

- **Give every command an \`id\`.** Its answer is the \`ack\` with that id, or \`denied\` or \`device-offline\` with it. A report may be the answer to an earlier
  command for the same property: it settles the newest command only when all earlier ones are answered.
- **A later command for a property takes the place of earlier ones.** Show the newest wish until it is answered. Only the newest can be lost; when it is, say so, and
  show what the device has reported.
- **Measure how long a device takes from the PUBACK of the command**: the time before that is not the device's.
- **A connection can die without a word.** While you wait for anything, send PINGREQ. When not one byte comes within 3 s of a PINGREQ or a publish at QoS 1, close the
  connection, connect again, and say so. Do not repeat the command: nobody knows whether it was done, and the retained state will show it.
- **A request may take its time**: the broker answers each within \`limits.requestTimeoutMs\`, and PINGREQ at once. Wait 12 s. On a slow link then send a PINGREQ and
  wait for its PINGRESP: it comes after everything that was on its way.
- **Over WebSocket** a large packet comes in frames of at most 4 KiB, so that a page sees bytes arrive on a slow link.

\`createDeviceControl\` in \`src/protocol\` follows this advice for commands, \`miniprogram/app/services/pulse.ts\` for connections.

## Requests

Publish a JSON object of at most ${maxRequestBytes} bytes on \`request/{client}/{operation}\`; the answer comes on \`reply/{client}/{operation}\`. **Subscribe to
\`reply/{client}/#\` first**, once in each connection (to \`notify/{client}/#\` too): a client is sent only what it has subscribed to. An operation that hands out a
token or a secret is not even carried out when nobody would receive its reply: its publish is refused by the rule \`reply-unheard\`. A library that keeps messages while
it is offline must not send a request before it has subscribed again.

    request  {"id": "7", "code": "0a3b…"}
    reply    {"id": "7", "code": 0, "msg": "", "data": "eyJ…"}

\`id\` (text of up to 64 characters) is optional and comes back in the answer. A \`password\` is the lower-case hex MD5 of what the person typed. The \`signature\` of
\`device/enroll\` is the lower-case hex HMAC-SHA256 of type, serial and timestamp, with a newline between them; its key is the product secret, as the text that
\`latchkey product enable\` prints.

Besides the codes listed, any operation may answer 4000, 4003, 4004, 4029 (with \`data.retryAfter\` in seconds) and 5000. Wrong passwords and claim codes are answered
4029 when there have been too many, until \`data.retryAfter\` is over. Passwords are counted by user name and the network that they come from; those of a session that
is signed in, for its own account. Claims are counted by user. What others try at the same name or device never leads to a refusal: it only delays the answer, right or
wrong, by 3 s at most.

A user name has 1 to 64 characters, counted in Unicode NFC: letters, digits, punctuation and plain symbols, none of them invisible (\`Default_Ignorable_Code_Point\`),
and no space at either end. Names that differ only in NFKC and case are one name: with \`ann\` there is no \`ANN\` and no \`ａｎｎ\` (1004), and each of them signs in
\`ann\`. Accounts of an earlier version that are one by this rule stay: a name means the account with exactly that spelling, or else the one that it folds to, the
oldest of several.

The name of a device has 1 to 64 characters too. Symbols and emoji are allowed; control characters, characters that turn text around and invisible ones are not.
\`device/release\` gives it the title of its type again.

Sixteen requests of a session may wait. A session that keeps sending more is told so fifty times a second, and beyond that not at all.

${markdownTable(
  ['operation', 'who', 'does', 'codes'],
  entriesOf(operations).map(([name, { access, summary, codes: own }]) => [
    code(name),
    access.join(', '),
    summary,
    ['0', ...own].join(' '),
  ]),
)}

${entriesOf(operations)
  .map(([name]) => operationSection(name))
  .join('\n\n')}

## Reply codes

A released number is never reused. \`msg\` is in the configured language; the name of a field or a reference may follow in it.

${markdownTable(
  ['code', 'en', 'zh-CN'],
  entriesOf(replyCodes).map(([number, texts]) => [String(number), texts.en, texts['zh-CN']]),
)}
`

function operationSection(name: keyof typeof operations): string {
  const { request, data } = operations[name]
  const missing = 'missing' in operations[name] ? operations[name].missing : 4000
  const fields = fieldsOf(request).map(({ key, limits, optional }) => [
    code(key),
    code(limits),
    optional ? 'no' : 'yes',
  ])
  const table = fields.length === 0 ? 'No fields.' : markdownTable(['field', 'value', 'required'], fields)
  const handsOut =
    'handsOutSecret' in operations[name] ? ' Carried out only if the client has subscribed to the reply.' : ''
  const note = `${missing === 4000 ? '' : ` A missing field is answered ${missing}.`}${handsOut}`
  return `### ${name}\n\n${table}\n\nData: ${code(shapeOf(data))}.${note}`
}

function ruleRow({ id, principals, action, filters, roles, retain }: Rule): string[] {
  const who = principals.length === 5 ? 'anybody' : principals.join(', ')
  const note = [roles ? `role on the device: ${roles.join(', ')}` : '', retain ? 'retain allowed' : ''].filter(Boolean)
  return [code(id), who, action, codes(filters), note.join('; ')]
}

/** Object.entries with the names' own types: the tables it is used on have no other keys. */
function entriesOf<T extends object>(table: T): [keyof T & string, T[keyof T]][] {
  return Object.entries(table) as [keyof T & string, T[keyof T]][]
}
