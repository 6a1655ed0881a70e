import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadThingModels } from '../../../src/registry/types/thing-models.ts'

const shipped = join(import.meta.dirname, '../../../devices/types')

async function folderWith(files: Record<string, unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-types-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}
const model = (properties: object) => ({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  '@type': 'tm:ThingModel',
  title: 'Test',
  properties,
})

test('the shipped types load, titled in both languages', async () => {
  const models = await loadThingModels([shipped])
  expect(models.names()).toEqual(['lamp', 'plug', 'sensor', 'thermostat'])
  for (const name of models.names()) {
    const { titles, properties, actions, events } = models.get(name)?.model ?? { properties: {} }
    const affordances = [...Object.values(properties), ...Object.values(actions ?? {}), ...Object.values(events ?? {})]
    for (const texts of [titles, ...affordances.map(affordance => affordance.titles)]) {
      expect(Object.keys(texts ?? {}).sort()).toEqual(['en', 'zh-CN'])
    }
  }
})

test('the shipped lamp takes what a lamp takes', async () => {
  const lamp = (await loadThingModels([shipped])).get('lamp')
  expect(lamp?.checkSet({ on: true, brightness: 50, colorTemperature: 4000 })).toBeUndefined()
  expect(lamp?.checkSet({ brightness: 101 })).toEqual({ property: 'brightness', reason: 'must be <= 100' })
  expect(lamp?.checkAction('blink', { times: 3 })).toBeUndefined()
})

test('adding a type is adding one file', async () => {
  const folder = await folderWith({ 'fan.json': model({ speed: { type: 'integer' } }), 'notes.txt': 'not a model' })
  const models = await loadThingModels([shipped, folder])
  expect(models.get('fan')?.checkSet({ speed: 1 })).toBeUndefined()
  expect(models.names()).toContain('lamp')
  expect(models.get('toString')).toBeUndefined()
})

test('every problem of every file is named, with file, path and reason', async () => {
  const folder = await folderWith({
    'broken.json': '{"title":',
    'bare.json': { title: 'x' },
    'typed.json': model({ speed: { type: 'integer', minimum: 'low' }, 'bad name': {} }),
    'schema.json': model({ speed: { pattern: 5 } }),
    'bad name.json': model({}),
  })
  const error = await loadThingModels([folder]).catch((reason: unknown) => reason)
  if (!(error instanceof Error)) throw new Error('the models were taken')
  const [, ...lines] = error.message.split('\n')
  for (const line of [
    /broken\.json: \/ is not JSON: .+/,
    /bare\.json: \/@type .+/,
    /bare\.json: \/properties .+/,
    /typed\.json: \/properties\/speed\/minimum .+/,
    /typed\.json: \/properties\/bad name .+/,
    /schema\.json: \/properties\/speed\/pattern must be string/,
    /bad name\.json: \/ the file's name .+/,
  ]) {
    expect(lines).toContainEqual(expect.stringMatching(line))
  }
})

test('a type that two folders define is a problem', async () => {
  const folder = await folderWith({ 'lamp.json': model({}) })
  await expect(loadThingModels([shipped, folder])).rejects.toThrow(/lamp is already defined by .*types.lamp\.json/)
})

test('a folder that does not exist is named', async () => {
  await expect(loadThingModels([join(shipped, 'nowhere')])).rejects.toThrow('nowhere')
})
