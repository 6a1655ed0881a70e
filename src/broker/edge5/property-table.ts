/** How a property's value is written (MQTT 5 section 1.5). */
type PropertyType = 'byte' | 'two bytes' | 'four bytes' | 'variable' | 'text' | 'data' | 'pair'

/** Where a property may stand: in the packets that clients send, and in the properties of a will. */
export type PropertyPlace =
  | 'CONNECT'
  | 'will'
  | 'PUBLISH'
  | 'PUBACK' // and PUBREC, PUBREL, PUBCOMP
  | 'SUBSCRIBE'
  | 'UNSUBSCRIBE'
  | 'DISCONNECT'
  | 'AUTH'

interface Property<Name extends string, Type extends PropertyType> {
  readonly id: number
  readonly name: Name
  readonly type: Type
  /** The packets in which a client may send it. */
  readonly from: readonly PropertyPlace[]
}

const property = <const Name extends string, const Type extends PropertyType>(
  id: number,
  name: Name,
  type: Type,
  from: readonly PropertyPlace[] = [],
): Property<Name, Type> => ({ id, name, type, from })

/** Every property (MQTT 5 table 2-4). Those that only a server sends may stand nowhere. */
const properties = [
  property(0x01, 'payloadFormat', 'byte', ['PUBLISH', 'will']),
  property(0x02, 'messageExpirySeconds', 'four bytes', ['PUBLISH', 'will']),
  property(0x03, 'contentType', 'text', ['PUBLISH', 'will']),
  property(0x08, 'responseTopic', 'text', ['PUBLISH', 'will']),
  property(0x09, 'correlationData', 'data', ['PUBLISH', 'will']),
  property(0x0b, 'subscriptionIdentifier', 'variable', ['SUBSCRIBE']), // only a server sends it in PUBLISH [MQTT-3.3.4-6]
  property(0x11, 'sessionExpirySeconds', 'four bytes', ['CONNECT', 'DISCONNECT']),
  property(0x12, 'assignedClientId', 'text'),
  property(0x13, 'serverKeepAliveSeconds', 'two bytes'),
  property(0x15, 'authenticationMethod', 'text', ['CONNECT', 'AUTH']),
  property(0x16, 'authenticationData', 'data', ['CONNECT', 'AUTH']),
  property(0x17, 'requestProblemInformation', 'byte', ['CONNECT']),
  property(0x18, 'willDelaySeconds', 'four bytes', ['will']),
  property(0x19, 'requestResponseInformation', 'byte', ['CONNECT']),
  property(0x1a, 'responseInformation', 'text'),
  property(0x1c, 'serverReference', 'text'),
  property(0x1f, 'reasonString', 'text', ['PUBACK', 'DISCONNECT', 'AUTH']),
  property(0x21, 'receiveMaximum', 'two bytes', ['CONNECT']),
  property(0x22, 'topicAliasMaximum', 'two bytes', ['CONNECT']),
  property(0x23, 'topicAlias', 'two bytes', ['PUBLISH']),
  property(0x24, 'maximumQos', 'byte'),
  property(0x25, 'retainAvailable', 'byte'),
  property(0x26, 'userProperties', 'pair', [
    'CONNECT',
    'will',
    'PUBLISH',
    'PUBACK',
    'SUBSCRIBE',
    'UNSUBSCRIBE',
    'DISCONNECT',
    'AUTH',
  ]),
  property(0x27, 'maximumPacketBytes', 'four bytes', ['CONNECT']),
  property(0x28, 'wildcardSubscriptionAvailable', 'byte'),
  property(0x29, 'subscriptionIdentifierAvailable', 'byte'),
  property(0x2a, 'sharedSubscriptionAvailable', 'byte'),
] as const

type Listed = (typeof properties)[number]
type Numbers = 'byte' | 'two bytes' | 'four bytes' | 'variable'
type ValueOf<Type> = Type extends Numbers ? number : Type extends 'text' ? string : Type extends 'data' ? Buffer : never

/** The values of a packet's properties by name; a user property is a name and a value, and may come several times. */
export type Properties = {
  -readonly [P in Listed as P['type'] extends 'pair' ? never : P['name']]?: ValueOf<P['type']>
} & { userProperties?: readonly (readonly [name: string, value: string])[] }

export const propertyById: ReadonlyMap<number, Listed> = new Map(properties.map(one => [one.id, one]))
export const propertyByName: ReadonlyMap<string, Listed> = new Map(properties.map(one => [one.name, one]))
