import { describe, expect, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { namesAlike } from '../../../src/store/inspection/names-alike.ts'
import { openPopulatedStore, openTempStore, tempFile } from './open-temp-store.ts'
import { account } from './records.ts'
import { undoMigrations } from './undo-migrations.ts'

const withoutHash = ({ passwordHash: _, ...rest }: ReturnType<typeof account>) => rest

describe('accounts', () => {
  test('an account is found by id and by name, with its hash only by name', async () => {
    const { accounts } = await openTempStore()
    const ann = account('ann', { role: 'operator', disabled: true })
    expect(await accounts.createAccount(ann)).toBe('created')
    expect(await accounts.accountById('ann')).toEqual(withoutHash(ann))
    expect(await accounts.accountByUsername(ann.username)).toEqual(ann)
    expect(await accounts.accountById('nobody')).toBeUndefined()
    expect(await accounts.accountByUsername('nobody')).toBeUndefined()
  })

  test('what was written is there after the store is opened again', async () => {
    const file = tempFile()
    const first = await openTempStore({ file })
    await first.accounts.createAccount(account('ann'))
    await first.close()
    const second = await openTempStore({ file })
    expect(await second.accounts.accountById('ann')).toBeDefined()
  })

  test('a user name is taken whichever way its letters are composed', async () => {
    const { accounts } = await openTempStore()
    const composed = 'Zo\u00eb'
    const decomposed = 'Zoe\u0308'
    expect(await accounts.createAccount(account('a', { username: decomposed }))).toBe('created')
    expect(await accounts.createAccount(account('b', { username: composed }))).toBe('taken')
    expect(await accounts.createAccount(account('c', { username: decomposed }))).toBe('taken')
    expect((await accounts.accountByUsername(composed))?.id).toBe('a')
    expect((await accounts.accountByUsername(decomposed))?.id).toBe('a')
    expect((await accounts.accountById('a'))?.username).toBe(composed)
  })

  test.each(['ANN', 'Ann', '\uff41\uff4e\uff4e', 'a\uff2e\u24dd'])(
    '%s is another spelling of ann: taken, and found',
    async spelled => {
      const { accounts } = await openTempStore()
      await accounts.createAccount(account('a', { username: 'ann' }))
      expect(await accounts.createAccount(account('b', { username: spelled }))).toBe('taken')
      expect(await accounts.accountByUsername(spelled)).toMatchObject({ id: 'a', username: 'ann' })
    },
  )

  test.each([
    ['Stra\u00dfe', 'STRASSE'],
    ['\u039f\u03b4\u03c5\u03c3\u03c3\u03b5\u03cd\u03c2', '\u039f\u0394\u03a5\u03a3\u03a3\u0395\u038e\u03a3'],
    ['\u212a', 'k'],
    ['5', '\u2464'],
  ])('%s and %s are one name', async (one, other) => {
    const { accounts } = await openTempStore()
    expect(await accounts.createAccount(account('a', { username: one }))).toBe('created')
    expect(await accounts.createAccount(account('b', { username: other }))).toBe('taken')
  })

  test('accounts of before whose names are one stay, each by its own spelling, the oldest by any other, and no third can be made', async () => {
    const file = tempFile()
    const names = ['ann', 'ANN', '\uff41\uff4e\uff4e', 'bob']
    {
      const before = await openTempStore({ file })
      await before.accounts.createAccount(account('bob', { username: 'bob' }))
      await before.close()
      undoMigrations(file, '0010-folded-names')
      const raw = new Database(file)
      const insert = raw.prepare("insert into account values (?, ?, 'hash', 'user', 0, ?)")
      for (const [i, name] of names.slice(0, 3).entries()) insert.run(name, name, 3 - i)
      raw.close()
    }
    const { accounts } = await openTempStore({ file })
    for (const name of names) expect((await accounts.accountByUsername(name))?.id, name).toBe(name)
    expect((await accounts.accountByUsername('aNn'))?.id).toBe('\uff41\uff4e\uff4e')
    expect(await accounts.createAccount(account('x', { username: 'aNn' }))).toBe('taken')
    expect(await accounts.createAccount(account('x', { username: 'BOB' }))).toBe('taken')
    expect((await accounts.listAccounts()).map(({ username }) => username).sort()).toEqual(names.toSorted())
    expect(await namesAlike(file)).toEqual([['\uff41\uff4e\uff4e', 'ANN', 'ann']])
  })

  test('when several accounts are created at once with one name, one is created', async () => {
    const { accounts } = await openTempStore()
    const answers = await Promise.all(
      ['a', 'b', 'c'].map(id => accounts.createAccount(account(id, { username: 'same' }), `wechat ${id}`)),
    )
    expect(answers.sort()).toEqual(['created', 'taken', 'taken'])
  })

  test('an account id is never reused', async () => {
    const { accounts } = await openTempStore()
    await accounts.createAccount(account('a', { username: 'one' }))
    await expect(accounts.createAccount(account('a', { username: 'two' }))).rejects.toThrow()
  })

  test('accounts are listed in order of name', async () => {
    const { accounts } = await openTempStore()
    await accounts.createAccount(account('1', { username: 'zoe' }))
    await accounts.createAccount(account('2', { username: 'ann' }))
    const listed = await accounts.listAccounts()
    expect(listed.map(each => each.username)).toEqual(['ann', 'zoe'])
    expect(listed[0]).not.toHaveProperty('passwordHash')
  })

  test('disabling, role and password change the one account', async () => {
    const { accounts } = await openPopulatedStore()
    await accounts.setDisabled('ann', true)
    await accounts.setRole('ann', 'operator')
    await accounts.setPasswordHash('ann', 'new')
    expect(await accounts.accountByUsername('name of ann')).toEqual(
      account('ann', { disabled: true, role: 'operator', passwordHash: 'new' }),
    )
    expect(await accounts.accountByUsername('name of ben')).toEqual(account('ben'))
    await accounts.setDisabled('ann', false)
    expect((await accounts.accountById('ann'))?.disabled).toBe(false)
  })
})

describe('WeChat links', () => {
  test('an account may be made together with its link', async () => {
    const { accounts } = await openTempStore()
    expect(await accounts.createAccount(account('ann'), 'wechat')).toBe('created')
    expect(await accounts.accountByWechat('wechat')).toEqual(withoutHash(account('ann')))
    expect(await accounts.accountByWechat('other')).toBeUndefined()
  })

  test('an account is not created at all when its WeChat user belongs to another', async () => {
    const { accounts } = await openTempStore()
    await accounts.createAccount(account('ann'), 'wechat')
    expect(await accounts.createAccount(account('ben'), 'wechat')).toBe('linked')
    expect(await accounts.accountById('ben')).toBeUndefined()
    expect((await accounts.accountByWechat('wechat'))?.id).toBe('ann')
  })

  test('an account may have several WeChat users, and linking one twice is no error', async () => {
    const { accounts } = await openPopulatedStore()
    expect(await accounts.linkWechat('one', 'ann', 'hash of ann')).toBe('linked')
    expect(await accounts.linkWechat('two', 'ann', 'hash of ann')).toBe('linked')
    expect(await accounts.linkWechat('two', 'ann', 'hash of ann')).toBe('linked')
    expect((await accounts.accountByWechat('one'))?.id).toBe('ann')
    expect((await accounts.accountByWechat('two'))?.id).toBe('ann')
  })

  test('a WeChat user that belongs to one account cannot be linked to another', async () => {
    const { accounts } = await openPopulatedStore()
    const answers = await Promise.all([
      accounts.linkWechat('one', 'ann', 'hash of ann'),
      accounts.linkWechat('one', 'ben', 'hash of ben'),
    ])
    expect(answers).toEqual(['linked', 'linked-elsewhere'])
    expect((await accounts.accountByWechat('one'))?.id).toBe('ann')
  })

  test('a WeChat user cannot be linked to an account that does not exist, or has another password by now', async () => {
    const { accounts } = await openPopulatedStore()
    expect(await accounts.linkWechat('one', 'nobody', 'hash of nobody')).toBe('not-any-more')
    await accounts.setPasswordHash('ann', 'another')
    expect(await accounts.linkWechat('one', 'ann', 'hash of ann')).toBe('not-any-more')
    expect(await accounts.accountByWechat('one')).toBeUndefined()
    expect(await accounts.linkWechat('one', 'ben', 'hash of ben')).toBe('linked')
    expect(await accounts.linkWechat('one', 'ann', 'another')).toBe('linked-elsewhere')
  })

  test('a WeChat user is linked to the account that was named, also when another has the same hash', async () => {
    const { accounts } = await openPopulatedStore()
    await accounts.setPasswordHash('ben', 'hash of ann')
    expect(await accounts.linkWechat('one', 'ben', 'hash of ann')).toBe('linked')
    expect((await accounts.accountByWechat('one'))?.id).toBe('ben')
    expect(await accounts.wechatLinksOf('ann')).toEqual([])
  })

  test('links are listed by the time they were made', async () => {
    const file = tempFile()
    const { accounts } = await openPopulatedStore(file)
    await accounts.linkWechat('one', 'ann', 'hash of ann')
    const earlier = await openTempStore({ file, nowMs: 1000 })
    await earlier.accounts.linkWechat('two', 'ann', 'hash of ann')
    const times = (await accounts.wechatLinksOf('ann')).map(({ linkedAtMs }) => linkedAtMs)
    expect(times).toEqual([1000, 1_700_000_000_000])
  })

  test('unlinking removes every WeChat user of that account and no other', async () => {
    const { accounts } = await openPopulatedStore()
    await accounts.linkWechat('one', 'ann', 'hash of ann')
    await accounts.linkWechat('two', 'ann', 'hash of ann')
    await accounts.linkWechat('three', 'ben', 'hash of ben')
    await accounts.unlinkWechat('ann')
    expect(await accounts.accountByWechat('one')).toBeUndefined()
    expect(await accounts.accountByWechat('two')).toBeUndefined()
    expect((await accounts.accountByWechat('three'))?.id).toBe('ben')
    expect(await accounts.linkWechat('one', 'ben', 'hash of ben')).toBe('linked')
  })
})
