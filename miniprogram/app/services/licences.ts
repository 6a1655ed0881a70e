/** The packages in vendor/, of which the mini-program is made besides this project. */
export const licences: readonly { readonly name: string; readonly licence: string }[] = [
  { name: 'Latchkey', licence: 'MIT' },
  ...['mqtt', 'mqtt-packet', 'readable-stream', 'string_decoder', 'safe-buffer', 'process-nextick-args'].map(mit),
  ...['bl', 'buffer', 'base64-js', 'events', 'process', 'rfdc', 'js-md5'].map(mit),
  { name: 'ieee754', licence: 'BSD-3-Clause' },
  { name: 'inherits', licence: 'ISC' },
]

function mit(name: string) {
  return { name, licence: 'MIT' }
}
