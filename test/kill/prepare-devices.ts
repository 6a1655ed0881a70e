import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const integers = ['n', 'even', 'odd']
const model = {
  '@context': ['https://www.w3.org/2022/wot/td/v1.1', { '@language': 'en' }],
  '@type': 'tm:ThingModel',
  title: 'Counter',
  properties: Object.fromEntries(integers.map(name => [name, { title: name, type: 'integer' }])),
}

/** Puts the type `counter`, and room for the many requests about its devices, into a data folder that NODE_CONFIG_DIR names as well. */
export async function prepareDevices(dataDir: string): Promise<void> {
  const typeFolder = join(dataDir, 'types')
  await mkdir(typeFolder)
  await writeFile(join(typeFolder, 'counter.json'), JSON.stringify(model))
  const limits = { requestsPerMinute: 100_000 }
  await writeFile(join(dataDir, 'local.json'), JSON.stringify({ devices: { typeFolders: [typeFolder] }, limits }))
}
