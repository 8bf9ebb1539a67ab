import { describe, expect, it } from 'vitest'
import { LOBBY, type ConversationId, type MessageId } from '#protocol/ids.ts'
import { REQUEST_MESSAGES_MAX } from '#protocol/limits.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { applyOperation } from './applyOperation.ts'
import { block } from './blocks.ts'
import { historyPage, pull } from './catchUp.ts'
import { addMembers, conversationFor, createGroup, mute, rename, setGroupPicture } from './conversations.ts'
import type { Identity } from './core.ts'
import { accept, openDirect } from './directs.ts'
import { createInvite, joinByInvite } from './invites.ts'
import { leave, removeMember } from './leaving.ts'
import { mark } from './marks.ts'
import { standingIn } from './membership.ts'
import { report } from './operators.ts'
import { findPeople, setContact } from './people.ts'
import { postMessages } from './postMessages.ts'
import { demand, RULES, type Action } from './rules.ts'
import { searchMessages } from './search.ts'

/*
 * The matrix: everything that can be asked of the rules × everybody who may ask. Each cell is asked in a world of its own, so that none
 * depends on what another one did.
 */

/** Who asks: how they stand to a group of Olga's, and to Olga. */
const RELATIONS = ['owner', 'member', 'removed', 'stranger', 'blocked', 'blocker', 'unwanted', 'foreigner', 'muzzled'] as const
type Relation = (typeof RELATIONS)[number]

type Scene = {
  core: TestCore
  /** Who asks. */
  who: Identity
  olga: Identity
  /** Of the group. */
  ed: Identity
  group: ConversationId
  /** Between who asks and Olga; for a foreigner one of other people. */
  direct: ConversationId
  /** Olga's, in the group and in the direct conversation. */
  hers: { group: MessageId; direct: MessageId }
  /** Of who asks; for those who never wrote, Olga's. */
  own: { group: MessageId; direct: MessageId }
  nobodys: { group: MessageId; direct: MessageId }
}

async function scene(relation: Relation): Promise<Scene> {
  const core = await openTestCore()
  const [olga, ed] = [await core.person('Olga'), await core.person('Ed')]
  const who = relation === 'owner' ? olga : await core.person('Ann', relation === 'foreigner' ? 'other' : undefined)
  const belongs = ['member', 'removed', 'blocked', 'blocker', 'muzzled'].includes(relation)
  const members = [ed.user, ...(belongs ? [who.user] : [])]
  const { id: group } = await createGroup(core, olga, { name: 'Boat', members })
  // what they have to do with each other began before anything came between them
  const partner = relation === 'owner' || relation === 'foreigner' ? ed : who
  const { id: direct } = await openDirect(core, olga, { user: partner.user })
  await accept(core, partner, { conv: direct })
  const write = async (author: Identity, conv: ConversationId): Promise<MessageId> => {
    const { results } = await postMessages(core, author, { conv, messages: [core.draft('words')] })
    return (results[0] as { id: MessageId }).id
  }
  const hers = { group: await write(olga, group), direct: await write(olga, direct) }
  const isForeign = relation === 'foreigner'
  const own = { group: belongs ? await write(who, group) : hers.group, direct: isForeign ? hers.direct : await write(who, direct) }
  if (relation === 'removed') await removeMember(core, olga, { conv: group, user: who.user })
  if (relation === 'blocked') await block(core, olga, { user: who.user })
  if (relation === 'blocker') await block(core, who, { user: olga.user })
  if (relation === 'unwanted') for (const one of [olga, ed]) await setContact(core, one, 'nobody')
  const may = relation === 'muzzled' ? [] : who.permissions
  const nobodys = { group: core.newId() as MessageId, direct: core.newId() as MessageId }
  return { core, who: { ...who, permissions: may }, olga, ed, group, direct, hers, own, nobodys }
}

const operation = (core: TestCore, kind: 'edit' | 'delete' | 'react', id: MessageId) =>
  ({
    kind,
    opId: core.opId(),
    target: { id },
    at: core.now(),
    ...(kind === 'edit' && { body: 'other words' }),
    ...(kind === 'react' && { emoji: '👍' }),
  }) as Parameters<typeof applyOperation>[2]['operation']
const change =
  (where: 'group' | 'direct', kind: 'edit' | 'delete' | 'react', whose: 'hers' | 'own' | 'nobodys') =>
  ({ core, who, [where]: conv, [whose]: messages }: Scene) =>
    applyOperation(core, who, { conv, operation: operation(core, kind, messages[where]) })
/** As a message is sent: an answer for each, or one for all. */
const send = async ({ core, who }: Scene, conv: ConversationId) => {
  const { results } = await postMessages(core, who, { conv, messages: [core.draft('hello')] })
  const [result] = results
  if (result?.ok === false) throw Object.assign(new Error('refused'), { code: result.code })
}
const other = ({ olga, ed, who }: Scene) => (who.user === olga.user ? ed : olga)

const ASKED: Record<string, (scene: Scene) => Promise<unknown>> = {
  'send in the group': (s) => send(s, s.group),
  'send in the direct conversation': (s) => send(s, s.direct),
  'send in the lobby': (s) => send(s, LOBBY),
  'edit her message': change('group', 'edit', 'hers'),
  'edit an own message': change('group', 'edit', 'own'),
  'edit an own message to her': change('direct', 'edit', 'own'),
  'delete her message': change('group', 'delete', 'hers'),
  'delete an own message': change('group', 'delete', 'own'),
  'delete an own message to her': change('direct', 'delete', 'own'),
  'react to her message': change('group', 'react', 'hers'),
  'react to her message to them': change('direct', 'react', 'hers'),
  'read the log': ({ core, who, group }) => pull(core, who, { conv: group, from: 0 }),
  'read history': ({ core, who, group }) => historyPage(core, who, { conv: group, at: { beforeSeq: 9 }, limit: 9 }),
  'read the log of the direct conversation': ({ core, who, direct }) => pull(core, who, { conv: direct, from: 0 }),
  'see the group': ({ core, who, group }) => conversationFor(core, who, group),
  'say how far they read': ({ core, who, group }) => mark(core, who, { conv: group, read: 1 }),
  'look at the group': ({ core, who, group }) =>
    core.store.read(async (tx) => demand('conversation:open', await standingIn(tx, who, await tx.conversation(group)))),
  'mute the group': ({ core, who, group }) => mute(core, who, { conv: group, muted: true }),
  'make a group': ({ core, who }) => createGroup(core, who, { name: 'Mine', members: [] }),
  'make a group with her': (s) => createGroup(s.core, s.who, { name: 'Ours', members: [other(s).user] }),
  'rename the group': ({ core, who, group }) => rename(core, who, { conv: group, name: 'Ship' }),
  'choose a picture for the group': ({ core, who, group }) => setGroupPicture(core, who, { conv: group, jpeg: 'jpeg' }),
  'choose a picture for the direct conversation': ({ core, who, direct }) => setGroupPicture(core, who, { conv: direct, jpeg: 'jpeg' }),
  'rename the direct conversation': ({ core, who, direct }) => rename(core, who, { conv: direct, name: 'Ship' }),
  'add somebody': async ({ core, who, group }) => addMembers(core, who, { conv: group, users: [(await core.person('New')).user] }),
  'add somebody to the direct conversation': async ({ core, who, direct }) =>
    addMembers(core, who, { conv: direct, users: [(await core.person('New')).user] }),
  'take somebody out': ({ core, who, group, ed }) => removeMember(core, who, { conv: group, user: ed.user }),
  'take her out of the direct conversation': (s) => removeMember(s.core, s.who, { conv: s.direct, user: other(s).user }),
  'leave the group': ({ core, who, group }) => leave(core, who, { conv: group }),
  'leave the direct conversation': ({ core, who, direct }) => leave(core, who, { conv: direct }),
  'make a link': ({ core, who, group }) => createInvite(core, who, { conv: group }),
  'make a link into the direct conversation': ({ core, who, direct }) => createInvite(core, who, { conv: direct }),
  'come by a link': async ({ core, who, olga, group }) => joinByInvite(core, who, { code: (await createInvite(core, olga, { conv: group })).code }),
  'open the direct conversation': (s) => openDirect(s.core, s.who, { user: other(s).user }),
  'write to somebody new': async ({ core, who }) => openDirect(core, who, { user: (await core.person('New')).user }),
  'write to somebody new who has blocked them': async ({ core, who, olga, ed }) => {
    const fresh = await core.person('New')
    await block(core, fresh, { user: who.tenant === fresh.tenant ? who.user : (who.user === olga.user ? ed : olga).user })
    return openDirect(core, who, { user: fresh.user })
  },
  'write to somebody new who wants to hear from people they share a group with': async ({ core, who }) => {
    const fresh = await core.person('New')
    await setContact(core, fresh, 'shared')
    return openDirect(core, who, { user: fresh.user })
  },
  'write to oneself': ({ core, who }) => openDirect(core, who, { user: who.user }),
  'write on and on before somebody agrees': async (s) => {
    const { id: conv } = await openDirect(s.core, s.who, { user: (await s.core.person('New')).user })
    for (let n = 0; n < REQUEST_MESSAGES_MAX; n++) await send(s, conv)
    await send(s, conv).catch((error: { code: string }) => Promise.reject(Object.assign(new Error(), { code: `in the end ${error.code}` })))
  },
  'write to somebody of the group': ({ core, who, ed }) => openDirect(core, who, { user: ed.user }),
  'agree to the direct conversation': ({ core, who, direct }) => accept(core, who, { conv: direct }),
  'block her': (s) => block(s.core, s.who, { user: other(s).user }),
  'agree for others': async ({ core, who, olga, ed, direct }) => {
    const stranger = await core.person('New')
    const theirs = await openDirect(core, stranger, { user: (await core.person('Newer')).user })
    return accept(core, who, { conv: who.tenant === olga.tenant && ed.tenant === olga.tenant ? theirs.id : direct })
  },
  'edit a message that is not there': change('group', 'edit', 'nobodys'),
  'delete a message that is not there': change('group', 'delete', 'nobodys'),
  'react to a message that is not there': change('group', 'react', 'nobodys'),
  'block oneself': ({ core, who }) => block(core, who, { user: who.user }),
  'report her': (s) => report(s.core, s.who, { user: other(s).user, reason: 'rude' }),
  'report a message of hers': (s) => report(s.core, s.who, { user: s.olga.user, message: s.hers.group, reason: 'rude' }),
  'report oneself': ({ core, who }) => report(core, who, { user: who.user, reason: 'rude' }),
  'find words of the group': findWords('group'),
  'find words of the direct conversation': findWords('direct'),
  'find her': async (s) => {
    const found = await findPeople(s.core, s.who, { text: other(s).user === s.olga.user ? 'olg' : 'ed' })
    if (found.length === 0) throw Object.assign(new Error('not found'), { code: 'nobody' })
  },
}

function findWords(where: 'group' | 'direct') {
  return async (s: Scene) => {
    const { messages } = await searchMessages(s.core, s.who, { q: 'words', in: s[where] })
    if (messages.length === 0) throw Object.assign(new Error('not found'), { code: 'nothing' })
  }
}

const NOT_MEMBER = 'E_NOT_MEMBER'
const FORBIDDEN = 'E_FORBIDDEN'
const GONE = 'E_NOT_FOUND'
const LATER = 'in the end E_FORBIDDEN'
const ok = 'ok'

/** What comes of it, in the order of `RELATIONS`: owner, member, removed, stranger, blocked, blocker, unwanted, foreigner, muzzled. */
const EXPECTED: Record<keyof typeof ASKED, readonly string[]> = {
  'send in the group': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, FORBIDDEN],
  'send in the direct conversation': [ok, ok, ok, ok, FORBIDDEN, FORBIDDEN, ok, GONE, FORBIDDEN],
  'send in the lobby': [ok, ok, ok, ok, ok, ok, ok, GONE, FORBIDDEN],
  'edit her message': [ok, FORBIDDEN, NOT_MEMBER, NOT_MEMBER, FORBIDDEN, FORBIDDEN, NOT_MEMBER, GONE, FORBIDDEN],
  'edit an own message': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, FORBIDDEN],
  'edit an own message to her': [ok, ok, ok, ok, FORBIDDEN, FORBIDDEN, ok, GONE, FORBIDDEN],
  'delete her message': [ok, FORBIDDEN, NOT_MEMBER, NOT_MEMBER, FORBIDDEN, FORBIDDEN, NOT_MEMBER, GONE, FORBIDDEN],
  'delete an own message': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, FORBIDDEN],
  'delete an own message to her': [ok, ok, ok, ok, ok, ok, ok, GONE, FORBIDDEN],
  'react to her message': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, FORBIDDEN],
  'react to her message to them': [ok, ok, ok, ok, FORBIDDEN, FORBIDDEN, ok, GONE, FORBIDDEN],
  'read the log': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'read history': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'read the log of the direct conversation': [ok, ok, ok, ok, ok, ok, ok, GONE, ok],
  'find words of the group': [ok, ok, 'nothing', 'nothing', ok, ok, 'nothing', 'nothing', ok],
  'find words of the direct conversation': [ok, ok, ok, ok, ok, ok, ok, 'nothing', ok],
  'see the group': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'say how far they read': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'look at the group': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'mute the group': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'make a group': [ok, ok, ok, ok, ok, ok, ok, ok, FORBIDDEN],
  'make a group with her': [ok, ok, ok, ok, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'rename the group': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'choose a picture for the group': [ok, FORBIDDEN, NOT_MEMBER, NOT_MEMBER, FORBIDDEN, FORBIDDEN, NOT_MEMBER, GONE, FORBIDDEN],
  'choose a picture for the direct conversation': [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'rename the direct conversation': [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'add somebody': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'add somebody to the direct conversation': [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'take somebody out': [ok, FORBIDDEN, NOT_MEMBER, NOT_MEMBER, FORBIDDEN, FORBIDDEN, NOT_MEMBER, GONE, FORBIDDEN],
  'take her out of the direct conversation': [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'leave the group': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, ok],
  'leave the direct conversation': [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'make a link': [ok, ok, NOT_MEMBER, NOT_MEMBER, ok, ok, NOT_MEMBER, GONE, FORBIDDEN],
  'make a link into the direct conversation': [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'come by a link': [ok, ok, ok, ok, ok, ok, ok, GONE, ok],
  'open the direct conversation': [ok, ok, ok, ok, ok, ok, ok, GONE, ok],
  'write to somebody new': [ok, ok, ok, ok, ok, ok, ok, GONE, ok],
  'write to somebody new who has blocked them': [FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN],
  'write to somebody new who wants to hear from people they share a group with': [
    FORBIDDEN,
    FORBIDDEN,
    FORBIDDEN,
    FORBIDDEN,
    FORBIDDEN,
    FORBIDDEN,
    FORBIDDEN,
    GONE,
    FORBIDDEN,
  ],
  'write to oneself': ['E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID'],
  'write on and on before somebody agrees': [LATER, LATER, LATER, LATER, LATER, LATER, LATER, GONE, FORBIDDEN],
  'agree for others': [NOT_MEMBER, NOT_MEMBER, NOT_MEMBER, NOT_MEMBER, NOT_MEMBER, NOT_MEMBER, NOT_MEMBER, GONE, NOT_MEMBER],
  'edit a message that is not there': [GONE, GONE, NOT_MEMBER, NOT_MEMBER, GONE, GONE, NOT_MEMBER, GONE, FORBIDDEN],
  'delete a message that is not there': [GONE, GONE, NOT_MEMBER, NOT_MEMBER, GONE, GONE, NOT_MEMBER, GONE, FORBIDDEN],
  'react to a message that is not there': [GONE, GONE, NOT_MEMBER, NOT_MEMBER, GONE, GONE, NOT_MEMBER, GONE, FORBIDDEN],
  'write to somebody of the group': [ok, ok, ok, ok, ok, ok, FORBIDDEN, GONE, ok],
  'agree to the direct conversation': [ok, ok, ok, ok, ok, ok, ok, GONE, ok],
  'block her': [ok, ok, ok, ok, ok, ok, ok, GONE, ok],
  'block oneself': ['E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID'],
  'report her': [ok, ok, ok, ok, ok, ok, ok, GONE, ok],
  'report a message of hers': ['E_INVALID', ok, GONE, GONE, ok, ok, GONE, GONE, ok],
  'report oneself': ['E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID', 'E_INVALID'],
  'find her': [ok, ok, ok, ok, 'nobody', 'nobody', ok, 'nobody', ok],
}

async function outcome(asked: string, relation: Relation): Promise<string> {
  const set = await scene(relation)
  try {
    await ASKED[asked]!(set)
    return 'ok'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    await set.core.store.close()
  }
}

type Cell = { asked: string; relation: Relation; expected: string }
const cells: Cell[] = Object.keys(ASKED).flatMap((asked) => RELATIONS.map((relation, i) => ({ asked, relation, expected: EXPECTED[asked]![i]! })))
const rules = (Object.keys(RULES) as Action[]).flatMap((action) => RULES[action].map((rule, at) => ({ action, at, why: rule.why })))
/** The table as it is, to be taken apart and put together again. */
const table = RULES as unknown as Record<Action, { holds: (standing: object) => boolean }[]>

/** What each rule refused while the matrix was asked. */
const refusedBy = new Map<string, Cell[]>()

describe('the matrix of rules', () => {
  it.each(cells)('$relation: $asked → $expected', async (cell) => {
    const before = { ...table }
    for (const { action, at } of rules) {
      const rule = before[action][at]!
      const noted = (standing: object): boolean => {
        const holds = rule.holds(standing)
        const key = `${action} ${at}`
        if (!holds) refusedBy.set(key, [...(refusedBy.get(key) ?? []), cell])
        return holds
      }
      table[action] = table[action].with(at, { ...rule, holds: noted })
    }
    try {
      expect(await outcome(cell.asked, cell.relation)).toBe(cell.expected)
    } finally {
      Object.assign(table, before)
    }
  })

  it.each(rules)('needs, for $action, the rule about “$why”', async ({ action, at }) => {
    const whole = table[action]
    table[action] = whole.toSpliced(at, 1)
    try {
      const asked = refusedBy.get(`${action} ${at}`) ?? []
      const wrong = await firstWrong(asked)
      expect(wrong, 'without it, all would be as it should be').toBeDefined()
    } finally {
      table[action] = whole
    }
  })
})

async function firstWrong(asked: Cell[]): Promise<Cell | undefined> {
  for (const cell of asked) if ((await outcome(cell.asked, cell.relation)) !== cell.expected) return cell
  return undefined
}
