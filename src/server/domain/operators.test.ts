import { beforeEach, expect, it } from 'vitest'
import { LOBBY, type MessageId } from '#protocol/ids.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { register, signIn } from './accounts.ts'
import { pull } from './catchUp.ts'
import { openDirect } from './directs.ts'
import { findPeople } from './people.ts'
import type { Identity } from './core.ts'
import { announce, ban, report, reports, unban, withdraw } from './operators.ts'
import { postMessages } from './postMessages.ts'
import { refreshSession, verifySession } from './sessions.ts'
import { code } from '#server/testing/code.ts'

let core: TestCore
let ann: Identity
let eve: Identity
beforeEach(async () => {
  core = await openTestCore()
  ;[ann, eve] = [await core.person('Ann'), await core.person('Eve')]
})

it('a report carries the message as it was, whoever changes it afterwards', async () => {
  const { results } = await postMessages(core, eve, { conv: LOBBY, messages: [core.draft('rude words')] })
  const { id } = results[0] as { id: MessageId }
  await report(core, ann, { user: eve.user, message: id, reason: 'rude' })
  core.advance(1)
  await report(core, ann, { user: eve.user, reason: 'again' })
  expect(await reports(core)).toMatchObject([
    { by: ann.user, user: eve.user, message: null, text: null, reason: 'again' },
    { by: ann.user, user: eve.user, message: id, text: 'rude words', reason: 'rude', at: core.now() - 1 },
  ])
})

it('a report names a message of whom it is about, which the reporter can see', async () => {
  const { results } = await postMessages(core, ann, { conv: LOBBY, messages: [core.draft('own words')] })
  const { id } = results[0] as { id: MessageId }
  expect(await code(report(core, ann, { user: eve.user, message: id, reason: 'rude' }))).toBe('E_NOT_FOUND')
  expect(await reports(core)).toEqual([])
})

it('whoever is banned gets in by no door, and by all of them once they are not', async () => {
  const { user, session } = await register(core, { device: eve.device, tokenHash: 'token', login: 'eve', passwordHash: 'h' })
  const doors = async () => [
    await code(verifySession(core, session.id)),
    await code(refreshSession(core, { tokenHash: 'token', madeFor: session.id, newTokenHash: core.newId(), device: eve.device })),
    await code(signIn(core, { user: user.id, passwordHash: 'h', device: eve.device, tokenHash: core.newId() })),
  ]
  expect((await ban(core, { user: user.id })).map(({ id }) => id)).toEqual([session.id])
  expect(await doors()).toEqual(['E_BANNED', 'E_BANNED', 'E_BANNED'])
  await unban(core, { user: user.id })
  expect(await doors()).toEqual(['ok', 'ok', 'ok'])
  expect(await code(ban(core, { user: core.newId() as never }))).toBe('E_NOT_FOUND')
})

it('an announcement stands in the lobby for everybody, said once, until it is taken back', async () => {
  const draft = core.draft('Down for an hour tonight')
  const { id, seq } = await announce(core, draft)
  expect(await announce(core, draft)).toEqual({ id, seq })
  expect(core.heard(ann.user, LOBBY).filter(({ kind }) => kind === 'new')).toHaveLength(2)
  const late = await core.person('Late')
  const stored = async () =>
    (await core.store.read((tx) => tx.messages(LOBBY, { after: 0, before: 99, limit: 9, from: 'start' }))).map(({ senderName, body }) => [
      senderName,
      body,
    ])
  expect(await stored()).toEqual([['Operators', 'Down for an hour tonight']])
  expect(await pull(core, late, { conv: LOBBY, from: 0 })).toMatchObject({ reset: { messages: [{ id }] } })
  await withdraw(core, id)
  expect(await stored()).toEqual([['Operators', '']])

  const { results } = await postMessages(core, eve, { conv: LOBBY, messages: [core.draft('not theirs')] })
  expect(await code(withdraw(core, (results[0] as { id: MessageId }).id))).toBe('E_FORBIDDEN')
  expect(await code(announce(core, core.draft('  ')))).toBe('E_INVALID')
})

it('nobody writes to whoever speaks for the operators, or finds them', async () => {
  await announce(core, core.draft('hello'))
  const speaker = (await core.store.read((tx) => tx.messages(LOBBY, { after: 0, before: 9, limit: 1, from: 'start' })))[0]!.sender
  expect(await code(openDirect(core, ann, { user: speaker }))).toBe('E_FORBIDDEN')
  expect(await findPeople(core, ann, { text: 'oper' })).toEqual([])
})
