import type { Migration } from 'kysely'
import { accounts } from './0001-accounts.ts'
import { devices } from './0002-devices.ts'
import { invitations } from './0003-invitations.ts'
import { enrollment } from './0004-enrollment.ts'
import { history } from './0005-history.ts'
import { audit } from './0006-audit.ts'
import { tenures } from './0007-tenures.ts'
import { tokenFamilies } from './0008-token-families.ts'
import { auditBounds } from './0009-audit-bounds.ts'
import { foldedNames } from './0010-folded-names.ts'
import { labels } from './0011-labels.ts'
import { historyAggregates } from './0012-history-aggregates.ts'
import { nodesOfPresence } from './0013-nodes-of-presence.ts'

/** Every migration, run once each, in order of name and forward only. A released one is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': accounts,
  '0002-devices': devices,
  '0003-invitations': invitations,
  '0004-enrollment': enrollment,
  '0005-history': history,
  '0006-audit': audit,
  '0007-tenures': tenures,
  '0008-token-families': tokenFamilies,
  '0009-audit-bounds': auditBounds,
  '0010-folded-names': foldedNames,
  '0011-labels': labels,
  '0012-history-aggregates': historyAggregates,
  '0013-nodes-of-presence': nodesOfPresence,
}
