import type { Database } from '../sqlite/sqlite.ts'

/** What SQLite found wrong with the file. */
export class DamagedDatabase extends Error {}

const first = `
  create table retained (topic text primary key, message blob not null);

  create table sessions (client text primary key, owner text not null, suspended integer not null) without rowid;
  create table subscriptions (
    client text not null, filter text not null, qos integer not null, options text not null,
    primary key (client, filter)
  ) without rowid;

  -- The order of a queue is that of its sequence numbers, which are never used again.
  create table outgoing (
    seq integer primary key autoincrement,
    client text not null, broker text not null, counter integer not null,
    message_id integer, size integer not null, message blob not null
  );
  create index outgoing_of_client on outgoing (client);
  create index outgoing_by_number on outgoing (client, broker, counter);
  create index outgoing_in_flight on outgoing (client, message_id) where message_id is not null;
  create table queues (client text primary key, messages integer not null, bytes integer not null) without rowid;

  create table incoming (
    client text not null, message_id integer not null, message blob not null,
    primary key (client, message_id)
  ) without rowid;

  create table wills (client text primary key, broker text not null, owner text, message blob not null);
`

/** Since when a session is away, in milliseconds since 1970; null while it is connected. */
const sessionsThatAreAway = 'alter table sessions add column away_since integer'

/** The owner and the size of each retained message that is counted, and how much each owner has. */
const ownersOfRetained = `
  alter table retained add column owner text;
  alter table retained add column size integer not null default 0;
  create table retained_owners (owner text primary key, messages integer not null, bytes integer not null) without rowid;
`

/**
 * Queues that share messages for several sessions (`shared_messages`), and the sessions that still wait for one (`fan_outs`). `qos` is null where it is the
 * message's own.
 */
const queues = `
  create table queue (
    client text not null, seq integer not null,
    qos integer, message_id integer, released integer not null default 0,
    size integer not null, shared integer, message blob,
    primary key (client, seq)
  ) without rowid;
  create index queue_in_flight on queue (client, message_id) where message_id is not null;
  create table queue_numbers (reserved integer not null);
  create table shared_messages (id integer primary key autoincrement, message blob not null);
  create table shared_counts (id integer primary key, queues integer not null, given integer not null);
  create table fan_outs (id integer primary key, waiting text not null);

  insert into queue_numbers select coalesce(max(seq), 0) from outgoing;
  insert into queue (client, seq, message_id, size, message) select client, seq, message_id, size, message from outgoing;
  drop table outgoing;
  drop table queues;
`

/** The tenure under which each device's retained state was reported. */
const statesOfDevices = 'create table state_tenures (device text primary key, tenure text not null) without rowid'

/**
 * The process to which a session or a will belongs. Null, or an empty text in place of Aedes' broker id, stands for the only process of an earlier version.
 * Each queue numbers its own messages.
 */
const nodesOfSessions = `
  alter table sessions add column node text;
  update wills set broker = '';
  drop table queue_numbers;
  drop index queue_in_flight;
`

/**
 * What MQTT 5 gives a time. For how long a session outlives its connection; null: as long as the settings allow. When a will is due, counted from the end of
 * its connection, or that moment itself once it has ended; and for how long it is of use then. From when on what is retained is of no use, in
 * milliseconds since 1970; null: never.
 */
const times = `
  alter table sessions add column expiry_seconds integer;
  alter table wills add column delay_seconds integer;
  alter table wills add column expiry_seconds integer;
  alter table wills add column due_at integer;
  alter table retained add column expires_at integer;
  create index retained_that_expires on retained (expires_at) where expires_at is not null;
`

/** The steps that make each version of the file from the one before. A released step is never changed. */
const steps = [first, sessionsThatAreAway, ownersOfRetained, queues, statesOfDevices, nodesOfSessions, times]

/** Whether a newer program has written the file. Changes nothing. */
export const isOfNewerProgram = (sqlite: Database): boolean =>
  Number(sqlite.pragma('user_version', { simple: true })) > steps.length

/** The smallest possible write. Throws when nothing can be written. */
export const touch = (sqlite: Database): void => void sqlite.pragma(`user_version = ${steps.length}`)

/** Makes the tables of a new file, and brings an older one up to date. Throws when a newer program has written it, or when it is damaged. */
export function prepareSchema(sqlite: Database): void {
  const finding = sqlite.pragma('quick_check(1)', { simple: true })
  if (finding !== 'ok') throw new DamagedDatabase(String(finding))
  const version = Number(sqlite.pragma('user_version', { simple: true }))
  if (version > steps.length) {
    throw new Error(
      `${sqlite.name} is of version ${version}, newer than this program knows (${steps.length}): run the newer version`,
    )
  }
  if (version === steps.length) return
  sqlite.transaction(() => {
    for (const step of steps.slice(version)) sqlite.exec(step)
    touch(sqlite)
  })()
}
