import { connectRefusalMeanings } from '../../src/cli/output/connect-refusal-meanings.ts'
import { type Rule, rules, serviceBounds } from '../../src/domain/policy.ts'
import { connectRefusals } from '../../src/domain/sign-in.ts'
import { codes as replyCodes } from '../../src/protocol/codes.ts'
import { maxRequestBytes } from '../../src/protocol/envelope.ts'
import { operations } from '../../src/protocol/operations.ts'
import { packetFaults } from '../../src/protocol/packet-faults.ts'
import { type NotificationKind, topicTemplates } from '../../src/protocol/topics.ts'
import { fieldsOf, shapeOf } from './describe-schema.ts'
import { code, codes, markdownTable } from './markdown-table.ts'

const topicMeanings: Record<keyof typeof topicTemplates, readonly [way: string, payload: string]> = {
  request: ['client → broker', 'a request, as a JSON object; never routed to anybody'],
  reply: ['broker → that client, if it has subscribed it', 'the answer: `id`, `code`, `msg`, `data`'],
  notify: ['broker → that client, if it has subscribed it', 'something to know; kinds below'],
  state: [
    'device → members',
    'a merge patch (RFC 7396) on the state of the device; what is retained is the whole state, folded by the broker',
  ],
  set: ['member → device', '`{"id"?, …properties}`: only writable properties of the device type, and no key twice'],
  invoke: ['member → device', '`{"id"?, "input"?}`'],
  ack: ['device → members', '`{"id", "code", "msg"?}`: what became of a command'],
  event: ['device → members', 'anything, up to 64 KiB by default'],
  presence: ['broker → members', 'retained `{"online", "since", "reason"?}`, `since` in ms; true after a crash too'],
  log: [
    'broker → operators',
    'a log line as JSON, as it happens, at QoS 0; `lines-missed` says how many a slow reader missed',
  ],
  trace: ['broker → operators', 'what one client, user or device does: see `ops/trace`'],
  broker: [
    'broker → operators, and services whose `acl` names it',
    "a figure of the broker by Mosquitto's name, as text: see [operators.md](operators.md)",
  ],
}

const notificationMeanings: Record<NotificationKind, string> = {
  'token-expiring':
    'the token ends in five minutes: send `auth/refresh`; a service hears it 14, 3 and 1 days before too, and a second after it has connected in that time: its operator rotates the token',
  denied:
    'a publish was refused: by which rule, or what the device type refuses (code 2005); a command with its `id`, when it had one; a device: which `property` of its report',
  'device-offline': 'a command was not delivered, with its `id`: commands are never kept for later',
  'wechat-linked':
    'another WeChat user signs in to this account from now on (`auth/bind`), on every session of the account but the one that made the link: see `account/wechat`',
  devices: 'the answer of `device/list` changed, or for an owner that of `device/members`',
}

/** docs/protocol.md. */
export const protocolPage = (): string => `# Protocol

MQTT 3.1.1 (3.1 accepted) over TCP, TLS, and WebSocket at \`/mqtt\` with subprotocol \`mqtt\`.

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

A service may use any text for its client id that MQTT allows, up to 256 bytes of UTF-8, without \`#\`, \`+\` and control characters: \`paho/41f3\`, \`node red 1\`.
A client by an id that is not 1–64 of \`A–Z a–z 0–9 _ . : -\` has no \`request\`, \`reply\` and \`notify\` topics, for they could be another client's: what is refused to it stands in the log alone.

A guest becomes a user in place, on the same connection, by one of the \`auth/…\` requests. A refused CONNECT gets one of these codes:

${markdownTable(
  ['CONNACK', 'in the log', 'meaning'],
  entriesOf(connectRefusals).map(([name, returnCode]) => [
    String(returnCode),
    code(name),
    connectRefusalMeanings[name],
  ]),
)}

A **will** is checked at CONNECT as a publish is, and sent when the connection ends without DISCONNECT, with the rights that its session has then. That a token
has expired, or that the broker was down meanwhile, is no reason against it. A session whose token was revoked, whose account or device was disabled, or that
has logged out leaves none.

### Whose a client id is

A client id belongs to whoever has a live or a stored session by it, as long as they have rights. Who comes by it and is another

- is let in when they are **higher**: a device before services and operators, those before users, users before guests. The other's connection is closed (\`displaced\`; its will is sent,
  by its own rights), and its stored session is forgotten with everything that waited in it (\`session-displaced\` in the log);
- is let in when the **rights of the other have ended**: account disabled or signed out everywhere, token revoked or logged out, device disabled or given a new secret. Until somebody
  comes, what is stored stays for its owner, who finds it again after signing in anew; a token that merely expired takes nothing away;
- gets CONNACK 2 (\`identifier-in-use\`) otherwise: among equals the holder stays.

A **guest holds no client id**: guests come by any, a device's and one that is in use too, and are answered alike, so that a stranger learns nothing of who is there. The id is asked
for when the guest signs in: where it is a device's, or somebody else has it who is not lower, the sign-in is refused with 1009, and nothing is registered or bound: connect again by another client id. Else it is
as if the session had come by it with the clean session flag.

Nothing of a stored session is ever sent to another's. So a session with clean session off is not handed over by signing in on its connection either: another account than the one that
it is stored for is answered 1009 there. An account stays the same when its role changes.

### Tokens and their families

Signing in (\`auth/signin\`, \`auth/login\`, \`auth/bind\`, \`auth/register\`) begins a **family** of tokens, and \`auth/refresh\` adds a **successor** to it; the session that asks goes on with that. The
token before it, its **predecessor**, ends as soon as the successor is first used at CONNECT, and at the latest ten minutes after the refresh. Sessions that are open on it stay.

| a client that | does |
| --- | --- |
| gets the reply | keeps the successor in place of what it had, before it does anything else |
| loses the reply | connects again with what it has, within the ten minutes, and refreshes again; after them it signs in again |
| is refused with CONNACK 5 | forgets its token, and signs in again |

A token is for one client. **Who uses one, at CONNECT or for a refresh, after another that is as new or newer was used at CONNECT, ends the whole family**, with every open session of it, for
two have had it and one may be a thief; that is on record (\`token-reused\`). So connections that share a token share its successors too, or sign in each by itself.

Logging out and an operator's revocation end a family; unbinding, disabling and \`everywhere\` those of the account. So does changing the password, with every other session of the account, also those of the asker's own
token: this session goes on by the \`token\` of the answer, the first of a new family, which takes the place of what the app has kept. An app that does not look at it signs in again when it next connects. \`tokens.familyMaxDays\` after it began a family ends by
itself: no token of it has an \`exp\` beyond that. Tokens that the command line issued, and those of services, have no family: they end at their own \`exp\` (\`auth/refresh\` answers 4003).

### Keep alive

A session of which no byte came for one and a half times its keep alive is closed (\`keep-alive-timeout\`), at most two seconds late. A part of a packet, or
of a WebSocket frame, is a sign of life: a long packet on a slow uplink may take its time. WebSocket pings and pongs are none.

### What is not MQTT

Every packet is checked before anything is made of it. One that the standard forbids closes its connection, without a CONNACK when it is a CONNECT; the
log's reason is \`protocol-violation: \`, the packet's name, and one of these:

${markdownTable(['in the log', 'MQTT 3.1.1'], entriesOf(packetFaults))}

A connection that begins with something else than MQTT is closed with \`not-mqtt: \` and what it looked like: HTTP, TLS, PROXY protocol, SSH; a packet that is larger than
\`limits.maxConnectPacketBytes\` or \`limits.maxPacketBytes\` with \`packet-too-large: \`. Such lines are \`connection-refused\`, ten a minute of each kind, or the reason of
\`session-closed\`. In CONNACK of MQTT 3.1 the first byte is 0: session-present is of 3.1.1.

### Many filters

A SUBSCRIBE may hold \`limits.filtersPerPacket\` filters when an integration sends it, and \`limits.filtersPerPacketOfOthers\` otherwise. Those beyond it are refused with 0x80, the
first ones are decided on as ever, and one line \`subscribe-refused\` says how many there were. An UNSUBSCRIBE may hold as many as the session may have
(\`limits.filtersPerSession\`, \`limits.filtersPerSessionOfOthers\`); more, for which UNSUBACK has no code, closes the connection: \`too-many-filters-in-packet\`.

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

A message is delivered at the lower of its own QoS and the highest QoS of the session's filters that match it, once, however many of them do. QoS 0 is
missed by a reader that is \`limits.maxBufferedBytes\` behind.

At QoS 1 and 2 a reader sets its own pace: at most 100 messages, and 128 KiB or one message, are on their way to a connection without being acknowledged. A stored
session (clean session off) has everything else in its queue until it acknowledges it, whatever ends its connections; what was sent before comes again with DUP
and the same packet id. A clean session has it in memory, and is closed at \`limits.maxBufferedBytes\`. Acknowledgements, replies
and PINGRESP go ahead of what waits.

What is retained is sent at the reader's pace too, with what is retained at that moment, and in turn with the messages that come meanwhile, so that neither waits for the
other's end. A stored session whose connection breaks in the middle of it, after SUBACK, is sent the rest in its next connection, without a SUBSCRIBE. What was on its way
comes again at QoS 1 and 2, as any message does; at QoS 0 (of the subscription or of the message) it is lost, as QoS 0 allows, and a restart of the broker ends what is
left of a subscription at QoS 0.

A command is live or it is refused: when its device has no subscription that matches it yet, or does not read, it is answered \`device-offline\`, and what was
queued for a device that was away is not delivered to it later.

A bridge (protocol level 0x84 or 0x83, as Mosquitto sends it) is not sent what it has published itself, and a message that was published to be retained comes to it
with the retain flag. Mosquitto's own notification of the bridge's state is a will on \`$SYS/…\`, which nobody may write: set \`notifications false\`, or
\`notification_topic\` to a topic that the token's \`acl\` allows (\`app/bridge\`).

## Who may do what

What no row allows is refused: a subscription with SUBACK 0x80, a publish by dropping it and a \`denied\` notification. The rule's name stands
in both the notification and the log.

${markdownTable(['rule', 'who', 'may', 'topics', 'note'], rules.map(ruleRow))}

A user who subscribes a wildcard over devices (\`devices/+/state\`, \`devices/#\`, …) gets every device they may see, now and later (rule
\`member-follows\`). A service may do what the \`acl\` of its token lists (rule \`service-acl\`), publishing within ${codes(serviceBounds.publish)} and
subscribing within ${codes(serviceBounds.subscribe)}.

## Advice for apps

- **Give every command an \`id\`.** Its answer is the \`ack\` with that id, or \`denied\` or \`device-offline\` with it. A report may be the answer to an
  earlier command of the same property: it settles the newest only when all earlier ones are answered.
- **A later command of a property takes the place of earlier ones.** Show the newest wish until it is answered. Only the newest can be lost; when it
  is, say so, and show what the device reported.
- **The time of a device begins with the PUBACK of the command**: what came before is no fault of the device.
- **A connection can die without a word.** While you wait for anything, send PINGREQ. When not one byte comes for 3 s after PINGREQ or a publish at
  QoS 1, close it, connect again, and say so. Do not repeat the command: nobody knows whether it was done, and the retained state will show it.
- **A request may take its time**: the broker answers each within \`limits.requestTimeoutMs\`, PINGREQ at once. Wait 12 s, and on a slow link for the
  PINGRESP to a PINGREQ that you send then: it comes after everything that was on its way.
- **Over WebSocket** a large packet comes in frames of at most 4 KiB, so that a page sees bytes arrive on a slow link.

\`createDeviceControl\` in \`src/protocol\` does what concerns commands, \`miniprogram/app/services/pulse.ts\` what concerns connections.

## Requests

Publish a JSON object of at most ${maxRequestBytes} bytes on \`request/{client}/{operation}\`; the answer comes on \`reply/{client}/{operation}\`.
**Subscribe \`reply/{client}/#\` first**, once a connection (\`notify/{client}/#\` too): nobody is sent what they have not subscribed. Nor is an operation carried out
that hands out a token or a secret, when its reply would be heard by nobody: that is a refused publish of the rule \`reply-unheard\`. A library that keeps
messages while it is offline must not send a request before it has subscribed anew.

    request  {"id": "7", "code": "0a3b…"}
    reply    {"id": "7", "code": 0, "msg": "", "data": "eyJ…"}

\`id\` (text of up to 64 characters) is optional and comes back in the answer. A \`password\` is the lower-case hex MD5 of what the person typed.
The \`signature\` of \`device/enroll\` is the lower-case hex HMAC-SHA256 of type, serial and timestamp, with a newline between them; its key is the product
secret, as the text that \`latchkey product enable\` prints.
Besides the codes listed, any operation may answer 4000, 4003, 4004, 4029 (with \`data.retryAfter\` in seconds) and 5000.
Who sends wrong passwords or claim codes is answered 4029 until \`data.retryAfter\` is over: passwords are counted for a user name and the network that they come from, of a session
that is signed in for its own account; claims for a user. What others try at that name or device refuses nobody: it only makes the answer come later, by 3 s at most, right or wrong.
A user name has 1 to 64 characters, counted in Unicode NFC: letters, digits, punctuation and plain symbols, none of them invisible (\`Default_Ignorable_Code_Point\`), and no space at either end.
Names that differ in NFKC and case alone are one: with \`ann\` there is no \`ANN\` and no \`ａｎｎ\` (1004), and each of them signs \`ann\` in. Accounts of an earlier version whose names are one stay: a
name means the account of exactly that spelling, else the one it folds to, of several the oldest. The name of a device has 1 to 64 characters too, symbols and emoji among them, and nothing
that controls, turns text around or is invisible; \`device/release\` gives it the title of its type again.
Sixteen requests of a session may wait; who sends more all the time is told so fifty times a second, and after that not at all.

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

A released number is never reused. \`msg\` is in the configured language, with the name of a field or a reference after it.

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
  const handsOut = 'handsOutSecret' in operations[name] ? ' Only for who has subscribed the reply.' : ''
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
