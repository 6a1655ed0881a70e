/** None of them may be obeyed, and none is to be answered. */
export const senseless = [
  'nonsense',
  '{',
  '[]',
  'null',
  '7',
  '{"on":tru}',
  '{"on":true',
  '{"on":true,}',
  '{"on":true}{}',
  '{"on":true "brightness":1}',
  '{"on":"\\u12"}',
  '{"on":"\\',
  '{"\\ud800":true}',
  '{"id":7,"brightness":900}',
  '['.repeat(100_000),
  '{"on":'.repeat(150),
  `{"on":true,"padding":"${'x'.repeat(200_000)}"}`,
  Buffer.from('{"on\xff":true}', 'latin1'),
]

/** What the lamp refuses by itself, with the id `x`; nothing of it may be done. */
export const refusals = [
  ...[
    '"volume":1',
    '"On":true',
    '"on":1',
    '"on":null',
    '"on":{"on":[true]}',
    '"brightness":101',
    '"brightness":-1',
    '"brightness":1e400',
    '"brightness":50.5',
    '"brightness":"50"',
    '"colorTemperature":2750',
    '"on":true,"brightness":-1',
  ].map(properties => ({ on: 'set', payload: `{"id":"x",${properties}}` })),
  { on: 'invoke/dance', payload: '{"id":"x"}' },
  ...['0', '21', '2.5', '"3"', 'null', '[]'].map(times => ({
    on: 'invoke/blink',
    payload: `{"id":"x","input":{"times":${times}}}`,
  })),
]
