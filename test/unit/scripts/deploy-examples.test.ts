import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../../src/app/package-root.ts'
import { writeFiles } from '../../support/write-files.ts'

const root = packageRoot()
const read = (name: string) => readFileSync(join(root, name), 'utf8')
const example = (name: string) => read(`deploy/${name}`)
const { limits }: { limits: { pingSeconds: number } } = JSON.parse(read('config/default.json'))

test.each(['README.md', 'README.zh-CN.md'])('the example of %s is heard from twice a minute', name => {
  const [, keepAliveSeconds] = /mqtt\.connect(?:Async)?\(.*keepalive: (\d+)/.exec(read(name)) ?? []
  expect(Number(keepAliveSeconds)).toBeLessThanOrEqual(30)
})

test.each(['latchkey', 'certbot-hook'])('deploy/%s is a script that a shell can read', name => {
  expect(spawnSync('sh', ['-n', join(root, 'deploy', name)], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  })
})

/** Instructions of a Dockerfile, by name and text, its continued lines joined. */
const instructions = example('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter(line => line.trim() !== '')
  .map(line => {
    const [, name = '', text = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    return { name, text }
  })
const textsOf = (wanted: string) => instructions.filter(({ name }) => name === wanted).map(({ text }) => text)

test.each([
  ['nginx.conf', /proxy_read_timeout\s+(\d+)s;/, 2 * limits.pingSeconds],
  ['haproxy.cfg', /timeout tunnel\s+(\d+)s/, 2 * limits.pingSeconds],
  // MQTT over TLS has nothing but its keep alive, of sixty seconds at most in our examples.
  ['haproxy.cfg', /timeout client\s+(\d+)s/, 90],
  ['haproxy.cfg', /timeout server\s+(\d+)s/, 90],
])('%s waits longer than anything that is well is silent: %s', (name, pattern, least) => {
  expect(Number(pattern.exec(example(name))?.[1])).toBeGreaterThanOrEqual(least)
})

test('the Dockerfile is made of instructions, and what it copies is there', () => {
  const known = ['FROM', 'RUN', 'WORKDIR', 'COPY', 'ENV', 'VOLUME', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD']
  expect(instructions.filter(({ name }) => !known.includes(name))).toEqual([])
  const copied = textsOf('COPY').flatMap(text =>
    text
      .split(' ')
      .filter(part => !part.startsWith('--'))
      .slice(0, -1),
  )
  const made = ['/opt/latchkey/node_modules', '/opt/latchkey/dist']
  const missing = copied.filter(
    path => !made.includes(path) && !existsSync(join(root, path.replace('/opt/latchkey', ''))),
  )
  expect(missing).toEqual([])
})

test('the container runs as nobody in particular, says how it is, and keeps its data in a volume', () => {
  const last = instructions.map(({ name }) => name).lastIndexOf('FROM')
  const run = instructions.slice(last).map(({ name }) => name)
  expect(run.filter(name => ['USER', 'VOLUME', 'HEALTHCHECK', 'CMD'].includes(name)).sort()).toEqual([
    'CMD',
    'HEALTHCHECK',
    'USER',
    'VOLUME',
  ])
  expect(textsOf('USER')).toEqual(['latchkey'])
  const command: unknown = JSON.parse(/CMD (.+)$/.exec(textsOf('HEALTHCHECK').join())?.[1] ?? '')
  expect(command).toEqual(['node', '-e', expect.any(String)])
})

test('no secret is in a layer: none is set, and what may hold one is not sent to the builder', () => {
  expect(example('Dockerfile')).not.toMatch(/^(ARG|ENV).*(SECRET|TOKEN|PASSWORD|APPID)/m)
  for (const kept of ['.git', 'data', '**/*.env', '**/*.db', '**/*.key', '**/*.pem', 'config/local*'])
    expect(read('.dockerignore').split('\n')).toContain(kept)
})

const hasCompose = spawnSync('docker-compose', ['--version']).error === undefined
if (!hasCompose) console.log("skipped: the compose file is read by Debian's package docker-compose")
test.skipIf(!hasCompose)('the compose file is one, and the proxy in it is the one that the broker trusts', async () => {
  await using files = await writeFiles({})
  const folder = files.path('deploy')
  mkdirSync(folder)
  for (const name of ['compose.yaml', 'Dockerfile', 'Caddyfile'])
    copyFileSync(join(root, 'deploy', name), join(folder, name))
  writeFileSync(join(folder, 'latchkey.env'), 'WECHAT_APPID=wx1\n')
  const { status, stdout, stderr } = spawnSync('docker-compose', ['-f', join(folder, 'compose.yaml'), 'config'], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const trusted = /LATCHKEY_TRUSTED_PROXIES: (\S+)/.exec(stdout)?.[1] ?? 'none'
  expect(stdout.split(trusted)).toHaveLength(3) // the variable, and the address of caddy
  expect(stdout).toContain('WECHAT_APPID: wx1')
})
