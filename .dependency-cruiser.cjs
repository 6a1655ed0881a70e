// The dependency rule of docs/architecture.md:
// main -> app -> features and adapters -> domain -> protocol; features and adapters meet only in app.ts.
const features = ['accounts', 'registry', 'ops']
const adapters = ['broker', 'store', 'persistence', 'wechat', 'http']
const rooms = [...features, ...adapters]

const only = (name, path, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path },
  to: { path: '^(src|devices|miniprogram)/', pathNot: allowed },
})
const soleImporter = (module, rooms) => ({
  name: `only-${rooms.join('-or-')}-imports-${module.replace(/\W/g, '-')}`,
  severity: 'error',
  from: { path: '^(src|devices)/', pathNot: `^src/(${rooms.join('|')})/` },
  to: { path: `node_modules/${module}(/|$)` },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('protocol-stands-alone', '^src/protocol/', '^src/protocol/', 'the wire contract knows nothing of the server'),
    {
      name: 'protocol-imports-only-zod',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { dependencyTypes: ['npm', 'core'], pathNot: 'node_modules/zod' },
    },
    only('domain-knows-only-protocol', '^src/domain/', '^src/(domain|protocol)/', 'types and rules, no I/O'),
    ...rooms.map(room =>
      only(
        `${room}-meets-others-in-app`,
        `^src/${room}/`,
        `^src/(${room}|domain|protocol)/`,
        'features and adapters never import each other',
      ),
    ),
    only(
      'devices-use-only-the-protocol',
      '^devices/',
      '^(devices|src/protocol)/',
      'what a hardware developer copies must not drag the server along',
    ),
    only(
      'config-is-a-leaf',
      '^src/config(/|\\.ts$)',
      '^src/config/|^src/protocol/',
      'read by main, app and cli only: no room reads configuration',
    ),
    only(
      'log-is-a-leaf',
      '^src/log(/|\\.ts$)',
      '^src/log/|^src/domain/log\\.ts$',
      'rooms know the Log of domain, not this one',
    ),
    {
      name: 'cli-works-on-its-backend',
      comment: 'a command opens nothing itself; start runs the whole application',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/(start|demo)\\.ts$' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(cli|domain|protocol)/|^src/config\\.ts$|^src/(accounts/administration|registry/(provisioning|products))\\.ts$',
      },
    },
    soleImporter('aedes', ['broker']),
    soleImporter('kysely', ['store']),
    soleImporter('better-sqlite3', ['store', 'persistence']),
    soleImporter('axios', ['wechat']),
    soleImporter('fastify', ['http']),
    soleImporter('qrcode', ['cli']),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
