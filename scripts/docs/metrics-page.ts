import { metricTable } from '../../src/ops/metrics/metric-table.ts'
import { code, codes, markdownTable } from './markdown-table.ts'

/** docs/metrics.md. */
export const metricsPage = (): string => `# Metrics

\`/metrics\` on the HTTP port, in Prometheus' text format: times in seconds, sizes in bytes, counts since the start. Labels hold only names of ours: kinds of
principals, operations, codes, rules; never a client id, a topic or a user name. Who may see it: [operators.md](operators.md). A dashboard for Grafana:
[grafana.json](grafana.json).

${markdownTable(
  ['metric', 'type', 'labels', ''],
  Object.entries(metricTable).map(([name, { type, labels = [], help }]) => [code(name), type, codes(labels), help]),
)}
`
