import type { Migration } from 'kysely'

/** Which node a presence is of: a node that starts knows of its own alone that nobody is connected. */
export const nodesOfPresence: Migration = {
  up: db => db.schema.alterTable('presence').addColumn('node', 'text').execute(),
}
