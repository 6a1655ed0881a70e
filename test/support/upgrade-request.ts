/** What asks for MQTT over a WebSocket, with these headers besides. */
export const upgradeRequest = (...headers: string[]): string =>
  [
    'GET /mqtt HTTP/1.1',
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: mqtt',
    ...headers,
    '\r\n',
  ].join('\r\n')
