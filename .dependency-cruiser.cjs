// The dependency rule of docs/architecture.md:
// main -> app -> features and adapters -> domain -> protocol; features and adapters meet only in app.
const features = ['accounts', 'registry', 'ops']
const adapters = ['front', 'broker', 'store', 'persistence', 'wechat', 'http', 'bus']
const rooms = [...features, ...adapters]
/** What a room may know besides itself, domain, protocol and files. */
const known = {
  store: ['sqlite/'],
  persistence: ['sqlite/'],
  accounts: ['data-folder/(key-file|write-once|signing-key-files)\\.ts$'],
  ops: ['log/(log|catalogue)\\.ts$'],
}
/** The rooms of the broker, and what each may know. */
const brokerRooms = {
  edge: ['requests', 'rights', 'router', 'sessions', 'commit', 'engine', 'transport'],
  requests: ['sessions'],
  rights: ['router', 'sessions', 'engine', 'transport'],
  router: ['sessions', 'commit', 'transport'],
  sessions: ['commit', 'engine', 'transport'],
  commit: [],
  engine: [],
  edge5: ['transport'],
  transport: [],
}

/** The folders of the other rooms, and what each may know of its own room besides the room's loose files. */
const folders = {
  app: {
    features: ['backend'],
    fronts: ['backend'],
    backend: [],
  },
  accounts: {
    administration: ['passwords', 'tokens'],
    'own-account': ['sign-in', 'passwords', 'tokens'],
    'sign-in': ['passwords', 'tokens'],
    passwords: [],
    tokens: [],
  },
  registry: {
    ownership: ['state', 'enrollment', 'types'],
    enrollment: ['types'],
    state: ['history', 'types'],
    history: ['types'],
    types: [],
  },
  store: {
    inspection: ['migrations'],
    listings: ['accounts', 'devices'],
    accounts: ['tokens'],
    tokens: [],
    devices: [],
    audit: [],
    history: [],
    migrations: [],
    connection: [],
  },
  http: {
    upgrade: ['connections'],
    connections: [],
    monitoring: [],
    sites: [],
  },
}

const only = (name, path, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path },
  to: { path: '^(src|devices|miniprogram|console)/', pathNot: allowed },
})
const soleImporter = (module, rooms) => ({
  name: `only-${rooms.join('-or-')}-imports-${module.replace(/\W/g, '-')}`,
  severity: 'error',
  from: { path: '^(src|devices|miniprogram)/', pathNot: `^src/(${rooms.join('|')})/` },
  to: { path: `node_modules/${module}(/|$)` },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    // What the app takes from vendor/ is made by the build; its types stand beside it.
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\.\\./(\\.\\./)?vendor/|^\\./vendor/' },
    },
    only('protocol-stands-alone', '^src/protocol/', '^src/protocol/', 'the wire contract knows nothing of the server'),
    {
      name: 'protocol-imports-only-zod',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { dependencyTypes: ['npm', 'core'], pathNot: 'node_modules/zod' },
    },
    only('domain-knows-only-protocol', '^src/domain/', '^src/(domain|protocol)/', 'types and rules, no I/O'),
    only('turns-stand-alone', '^src/turns/', '^src/turns/', 'how long work is shared with messages; any room may ask'),
    only(
      'limits-know-only-the-domain',
      '^src/limits/',
      '^src/(limits|network|domain)/',
      'what any room may count with',
    ),
    only('network-stands-alone', '^src/network/', '^src/network/', 'what an IP address is; any room may ask'),
    only('files-stand-alone', '^src/files/', '^src/files/', 'what the system says of paths; any room may ask it'),
    only(
      'sqlite-stands-alone',
      '^src/sqlite/',
      '^src/(sqlite|files)/',
      'the driver that the rooms with databases share',
    ),
    only(
      'data-folder-stands-low',
      '^src/data-folder/',
      '^src/(data-folder|sqlite|files)/',
      'where everything is kept, and nothing of what',
    ),
    ...rooms.map(room =>
      only(
        `${room}-meets-others-in-app`,
        `^src/${room}/`,
        [
          `^src/(${room}|domain|protocol|turns|limits|network|files)/`,
          ...(known[room] ?? []).map(more => `^src/${more}`),
        ].join('|'),
        'features and adapters never import each other',
      ),
    ),
    ...Object.entries(brokerRooms).map(([room, below]) =>
      only(
        `broker-${room}-knows-only-what-is-below`,
        `^src/broker/${room}/`,
        `^src/(domain|protocol|turns|limits|network)/|^src/broker/((${[room, ...below].join('|')})/|limits\\.ts$)`,
        'the rooms of the broker know each other one way: edge, requests, rights, router, sessions, commit, engine, transport',
      ),
    ),
    ...Object.entries(folders).flatMap(([room, inside]) =>
      Object.entries(inside).map(([folder, below]) =>
        only(
          `${room}-${folder}-knows-only-what-is-below`,
          `^src/${room}/${folder}/`,
          [
            room === 'app' ? '^src/(?!app/)' : `^src/(domain|protocol|turns|limits|network|files)/`,
            `^src/${room}/((${[folder, ...below].join('|')})/|[^/]+\\.ts$)`,
            ...(known[room] ?? []).map(more => `^src/${more}`),
          ].join('|'),
          `the folders of ${room} know each other one way: ${Object.keys(inside).join(', ')}`,
        ),
      ),
    ),
    only(
      'devices-use-only-the-protocol',
      '^devices/',
      '^(devices|src/protocol)/',
      'what a hardware developer copies must not drag the server along',
    ),
    only(
      'services-know-no-phone',
      '^miniprogram/app/services/',
      '^miniprogram/app/(services|texts|vendor)/|^src/protocol/',
      'the logic of the mini-program, which tests run without a phone',
    ),
    only(
      'app-is-what-ships',
      '^miniprogram/app/',
      '^miniprogram/app/|^src/protocol/',
      'nothing of the build, the preview or the server goes into the package',
    ),
    {
      name: 'app-has-no-packages',
      comment: 'types may come from anywhere; code comes from vendor/, which the build bundles',
      severity: 'error',
      from: { path: '^miniprogram/app/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], dependencyTypesNot: ['type-only'] },
    },
    only(
      'build-knows-no-preview',
      '^miniprogram/build/',
      '^miniprogram/(build|app/vendor)/|^src/protocol/',
      'the package does not depend on how it is tried',
    ),
    only(
      'preview-takes-the-built-package',
      '^miniprogram/preview/',
      '^miniprogram/(preview|build)/|^src/protocol/json\\.ts$',
      'what is tried is what ships: the preview reads the package, not the app',
    ),
    only(
      'console-uses-only-the-protocol',
      '^console/',
      '^console/|^src/protocol/',
      'it is a client like any other, and knows the server by its contract',
    ),
    {
      name: 'server-knows-no-pages',
      severity: 'error',
      from: { path: '^(src|devices)/' },
      to: { path: '^(miniprogram|console)/' },
    },
    {
      name: 'only-preview-imports-glass-easel',
      severity: 'error',
      from: {
        path: '^(src|devices|miniprogram|console)/',
        pathNot: '^miniprogram/(preview/runtime/|build/compile-templates\\.ts$)',
      },
      to: { path: 'node_modules/glass-easel' },
    },
    only(
      'config-is-a-leaf',
      '^src/config/',
      '^src/config/|^src/protocol/|^src/files/|^src/network/',
      'read by main, app and cli only: no room reads configuration',
    ),
    only(
      'log-is-a-leaf',
      '^src/log/',
      '^src/(log|files)/|^src/protocol/log-topic\\.ts$',
      'it tells what it is told; who may tell it stands above',
    ),
    {
      name: 'cli-works-on-its-backend',
      comment: 'a command opens nothing itself; start runs the whole application',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/start/(run-broker|demo)\\.ts$' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(cli|domain|protocol|network|files)/|^src/config/config\\.ts$|^src/data-folder/(data-files|signing-key-files)\\.ts$|^src/log/(log|log-fields)\\.ts$|^src/(accounts/administration/administration|registry/enrollment/(provisioning|products))\\.ts$',
      },
    },
    {
      name: 'cli-is-commands-on-words',
      comment: 'what reads, writes and checks for the commands knows none of them',
      severity: 'error',
      from: { path: '^src/cli/(input|output|doctor|start)/' },
      to: { path: '^src/cli/(commands/|program\\.ts$)' },
    },
    soleImporter('aedes', ['broker/engine']),
    soleImporter('kysely', ['store']),
    soleImporter('better-sqlite3', ['sqlite']),
    soleImporter('axios', ['wechat']),
    soleImporter('fastify', ['http']),
    soleImporter('prom-client', ['ops']),
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
