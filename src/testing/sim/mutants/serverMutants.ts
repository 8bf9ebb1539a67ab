import type { Mutant } from './mutant.ts'

const POST = 'src/server/domain/postMessages.ts'
const APPEND = 'src/server/domain/appendLog.ts'
const WRITE = 'src/server/domain/write.ts'
const CATCH_UP = 'src/server/domain/catchUp.ts'
const LEAVING = 'src/server/domain/leaving.ts'
const MARKS = 'src/server/domain/marks.ts'
const FAN_OUT = 'src/server/cluster/fanOut.ts'
const PUBLISH = 'src/server/socket/publish.ts'
const HELLO = 'src/server/socket/sessionHandlers.ts'
const COMMIT = 'src/server/storage/groupCommit.ts'
const READS = 'src/server/storage/sqliteReads.ts'

/** What is stored, and who is told. */
export const SERVER_MUTANTS: readonly Mutant[] = [
  {
    name: 'dedup off',
    says: 'a message that comes a second time is stored a second time',
    file: APPEND,
    find: `if (!(await tx.insertMessage(message, { bodyHash, h: next }))) return undefined`,
    replace: `if (!(await tx.insertMessage(message, { bodyHash, h: next }))) await tx.insertMessage({ ...message, clientId: parts.id as never }, { bodyHash, h: next })`,
  },
  {
    name: 'answered before the commit',
    says: 'a message is acknowledged before it is safe',
    file: COMMIT,
    find: `outcomes.push(outcome)`,
    replace: `outcomes.push(outcome), outcome()`,
    by: 'src/server/storage/openSqliteStore.test.ts',
  },
  {
    name: 'published before the commit',
    says: 'people are told of what may never be stored',
    file: WRITE,
    find: `return work(tx, (notice) => notices.push(notice))`,
    replace: `return work(tx, (notice) => core.publish(notice))`,
  },
  {
    name: 'half of a failed write stays',
    says: 'what a write changed before it failed is kept',
    file: COMMIT,
    find: `db.exec('ROLLBACK TO work; RELEASE work')`,
    replace: `db.exec('RELEASE work')`,
    by: 'src/server/storage/openSqliteStore.test.ts',
  },
  {
    name: 'numbers of a failed write go on',
    says: 'a repeated message uses up a number',
    file: APPEND,
    find: `bodyHash, h: next }))) return undefined`,
    replace: `bodyHash, h: next }))) return void seq++`,
  },
  {
    name: 'numbers with holes',
    says: 'every second number is left out',
    file: APPEND,
    find: `      seq++`,
    replace: `      seq += 2`,
  },
  {
    name: 'the log does not move on',
    says: 'the next write begins where the last one began',
    file: APPEND,
    find: `if (events.length > 0) await tx.updateConversation(conv, { rev, seq, h, changedAt: at })`,
    replace: `if (events.length > 0) await tx.updateConversation(conv, { rev, h, changedAt: at })`,
  },
  {
    name: 'chain hash wrong',
    says: 'the hash of a message leaves out what stands before it in its batch',
    file: APPEND,
    find: `const next = chainAfter(core.sha256, h, {`,
    replace: `const next = chainAfter(core.sha256, conversation.h, {`,
  },
  {
    name: 'answers in the wrong order',
    says: 'the messages of a batch get each other’s places',
    file: POST,
    find: `for (const draft of request.messages) results.push`,
    replace: `for (const draft of request.messages.toReversed()) results.push`,
  },
  {
    name: 'a repetition tells nobody',
    says: 'what was stored and never told is not told when it is sent again',
    file: POST,
    find: `replayed.push({ conv, rev,`,
    replace: `void ({ conv, rev,`,
    by: 'src/server/domain/postMessages.test.ts',
  },
  {
    name: 'a repetition tells everybody',
    says: 'whoever joined later is told of what was before',
    file: POST,
    find: `recipients: recipients.filter((user) => !later.has(user))`,
    replace: `recipients`,
    by: 'src/server/domain/postMessages.test.ts',
  },
  {
    name: 'everybody connected is told',
    says: 'former members hear on',
    file: PUBLISH,
    find: `toUsers(edge, notice.recipients)?.emit('log:events'`,
    replace: `toUsers(edge, [...edge.connections.all()].map((live) => live.who.user))?.emit('log:events'`,
  },
  {
    name: 'a leave is not told to who leaves',
    says: 'who was removed goes on as if they were a member',
    file: LEAVING,
    find: `const recipients = await tx.memberIds(conv)`,
    replace: `const recipients = (await tx.memberIds(conv)).filter((user) => user === actor)`,
    by: 'src/server/domain/conversations.test.ts',
  },
  {
    name: 'membership check off',
    says: 'former members write and read on',
    file: READS,
    find: `WHERE k.conv = ? AND k.user = ? AND k.left_rev IS NULL`,
    replace: `WHERE k.conv = ? AND k.user = ?`,
    by: 'src/server/domain/conversations.test.ts',
  },
  {
    name: 'former members not answered by the server',
    says: 'a message that got in before its sender was removed is called refused',
    file: POST,
    find: `known.map((answer, i) => answer ?? {`,
    replace: `known.map((answer, i) => answer && {`,
    by: 'src/server/domain/postMessages.test.ts',
  },
  {
    name: 'newcomers see what was before',
    says: 'the first page shows what was written before one joined',
    file: CATCH_UP,
    find: `{ after: membership.visibleFrom, before: seq + 1, limit: RESET_MESSAGES, from: 'end' }`,
    replace: `{ after: 0, before: seq + 1, limit: RESET_MESSAGES, from: 'end' }`,
    by: 'src/server/domain/catchUp.test.ts',
  },
  {
    name: 'a purge is not reported',
    says: 'who was away during a purge is told what is left as if it followed',
    file: CATCH_UP,
    find: `Math.max(conversation.floorRev + 1, membership.joinedRev, 1)`,
    replace: `Math.max(membership.joinedRev, 1)`,
    also: [
      {
        file: CATCH_UP,
        find: `const whole = stored.every((event, i) => event.rev === from + 1 + i) && (from === head || stored.length > 0)`,
        replace: `const whole = true`,
      },
      { file: 'src/client/live/catchUp.ts', find: `if (!isContiguous(reply.events, reply.from, reply.to)) {`, replace: `if (reply.to < 0) {` },
    ],
  },
  {
    name: 'purged messages not known',
    says: 'who sends again what was purged is refused',
    file: POST,
    find: `if (!gone) return undefined`,
    replace: `if (!gone || gone) return undefined`,
    by: 'src/server/domain/postMessages.test.ts',
  },
  {
    name: 'another past unnoticed',
    says: 'a restored backup is taken for the past everybody knows',
    file: CATCH_UP,
    find: `return ours !== undefined && ours !== h`,
    replace: `return ours === undefined && ours !== h`,
    also: [{ file: CATCH_UP, find: `if (rev > conversation.rev) return true`, replace: `` }],
  },
  {
    name: 'head poller off',
    says: 'what the bus lost is not noticed',
    file: FAN_OUT,
    find: `behind.forEach(tell)`,
    replace: ``,
    by: 'src/server/cluster/fanOut.test.ts',
  },
  {
    name: 'nothing goes over the bus',
    says: 'other nodes hear nothing',
    file: FAN_OUT,
    find: `bus.publish(notice)`,
    replace: ``,
    also: [{ file: FAN_OUT, find: `behind.forEach(tell)`, replace: `` }],
    by: 'src/server/cluster/fanOut.test.ts',
  },
  {
    name: 'marks go back',
    says: 'a device that is behind takes back what another one has seen',
    file: MARKS,
    find: `delivered: Math.max(membership.delivered, Math.min(Math.max(delivered, read), seq)),`,
    replace: `delivered: Math.min(Math.max(delivered, read), seq),`,
    by: 'src/server/domain/marks.test.ts',
  },
  {
    name: 'more read than delivered',
    says: 'what was read counts without having been delivered',
    file: MARKS,
    find: `delivered: Math.max(membership.delivered, Math.min(Math.max(delivered, read), seq)),`,
    replace: `delivered: Math.max(membership.delivered, Math.min(delivered, read, seq)),`,
    by: 'src/server/domain/marks.test.ts',
  },
  {
    name: 'history skips a message',
    says: 'paging back leaves one out between two pages',
    file: CATCH_UP,
    find: `messages = await newestWithin(tx, await older(at.beforeSeq, limit), ANSWER_BYTES)`,
    replace: `messages = await newestWithin(tx, await older(at.beforeSeq - 1, limit), ANSWER_BYTES)`,
  },
  {
    name: 'only text is weighed',
    says: 'an answer full of short messages is too long for a very slow line',
    file: 'src/server/domain/answerSize.ts',
    find: `const bytesOf = (part: object): number => utf8Bytes(JSON.stringify(part))`,
    replace: `const bytesOf = (part: object): number => ('message' in part ? bytesOf(part.message as object) : 'body' in part ? utf8Bytes(String(part.body)) : 0)`,
    by: 'src/server/domain/catchUp.test.ts',
  },
  {
    name: 'heads read before subscribing',
    says: 'what is committed while a hello is answered falls between the answer and the pushes',
    file: HELLO,
    find: `void live.socket.join([userRoom(live.who.user), deviceRoom(live)])`,
    replace: `void headsFor(core, live.who, { convs }).then(() => headsFor(core, live.who, { convs })).then(() => live.socket.join([userRoom(live.who.user), deviceRoom(live)]))`,
    by: 'src/server/socket/hello.test.ts',
  },
  {
    name: 'purged hashes forgotten',
    says: 'whoever stood where the log was purged since never learns that its past was another one',
    file: 'src/server/storage/sqliteWrites.ts',
    find: `rememberHashes.run(conv, seq)`,
    replace: ``,
    by: 'src/server/storage/openSqliteStore.test.ts',
  },
]
