import { randomBytes, randomUUID } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConversationFacts } from '#protocol/conversation.ts'
import { FileLinks } from '#protocol/fileRequests.ts'
import type { ClientId, ConversationId, FileId, MessageId, OperationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { dial, draft, until } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { uploader } from '#server/testing/uploader.ts'
import { guestOf, type Visitor } from '#server/testing/visitor.ts'

const LIMIT = 300_000
let server: TestServer
beforeAll(
  async () =>
    void (server = await startServer({
      env: { LIMIT_FILE_BYTES: String(LIMIT), LIMIT_STORED_BYTES: String(2 * LIMIT), LIMIT_MESSAGES: '1000/1000' },
      timing: { FILE_SWEEP_MS: 20 },
    })),
)
afterAll(() => server.stop())

const text = (words: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(words)
/** 3 × 2 pixels. */
const PNG = Uint8Array.from(
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR4nGP4z8DwH4YZkDkAq3wJ94Sp6fYAAAAASUVORK5CYII=', 'base64'),
)

type Someone = Visitor & { files: ReturnType<typeof uploader> }
async function someone(name: string): Promise<Someone> {
  const who = await guestOf(server.url, name)
  return Object.assign(who, { files: uploader(server.url, who.accessToken) })
}
async function groupOf(owner: Someone, ...members: Someone[]): Promise<ConversationId> {
  const made = await owner.ask('POST', '/api/conversations', { name: 'Crew', members: members.map(({ me }) => me!.id) })
  return (made.body['conversation'] as ConversationFacts).id
}
const sends = async (who: Someone, conv: ConversationId, files: FileId[], more: object = {}) => {
  const { body } = await who.ask('POST', '/api/messages', { conv, messages: [{ ...draft('with files'), ...more, files }] })
  return (body['results'] as { ok: boolean; code?: string; id?: MessageId; dup?: true }[])[0]!
}
const newest = async (who: Someone, conv: ConversationId): Promise<ChatMessage | undefined> => {
  const { body } = await who.ask('GET', `/api/conversations/${conv}/messages`)
  return (body['messages'] as ChatMessage[]).at(-1)
}
const linkTo = async (who: Someone, id: FileId): Promise<string | undefined> => {
  const { links } = FileLinks.parse((await who.ask('POST', '/api/files/links', { ids: [id] })).body)
  return links[id]
}
const fetched = (link: string, headers: Record<string, string> = {}) => fetch(server.url + link, { headers })
const onDisk = async (id: FileId): Promise<string[]> => (await readdir(join(server.dataDir, 'files'))).filter((name) => name.startsWith(id))

describe('a file', () => {
  it('goes to the members of the conversation, byte for byte, and to nobody else', async () => {
    const [ann, bob, eve] = await Promise.all([someone('Ann'), someone('Bob'), someone('Eve')])
    const conv = await groupOf(ann, bob)
    const bytes = randomBytes(200_000) as Uint8Array<ArrayBuffer>
    const id = await ann.files.upload(bytes, { name: 'Über “alles”.bin', type: 'application/x-thing' })
    expect(await sends(ann, conv, [id])).toMatchObject({ ok: true })
    const message = await newest(bob, conv)
    expect(message).toMatchObject({ body: 'with files', files: [{ id, name: 'Über “alles”.bin', size: 200_000, type: 'application/x-thing' }] })

    const answer = await fetched((await linkTo(bob, id))!)
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent('Über “alles”.bin')}`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers.get('cache-control')).toMatch(/^private, max-age=\d+, immutable$/)
    expect(await linkTo(eve, id)).toBeUndefined()
  })

  it('may say enough by itself, and is found by its name', async () => {
    const ann = await someone('Ann')
    const conv = await groupOf(ann)
    const id = await ann.files.upload(text('x'), { name: 'Timetable 2026.ics' })
    expect(await sends(ann, conv, [id], { body: '' })).toMatchObject({ ok: true })
    for (const query of ['q=timetable', 'q=&has=file', 'q=timetable&has=file'])
      expect((await ann.ask('GET', `/api/search?${query}`)).body['messages'], query).toMatchObject([{ files: [{ id }] }])
    await ann.ask('POST', '/api/messages', { conv, messages: [draft('a timetable in words')] })
    expect((await ann.ask('GET', '/api/search?q=timetable&has=file')).body['messages']).toHaveLength(1)
  })

  it.each([
    ['image/png', PNG, { width: 3, height: 2 }, 'inline'],
    ['image/png', text('no picture'), undefined, 'inline'],
    ['image/svg+xml', text('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"><script>alert(1)</script></svg>'), undefined, 'attachment'],
    ['text/html', text('<script>alert(1)</script>'), undefined, 'attachment'],
  ])('of type %s is measured where it is a picture, and shown only where nothing can run in it', async (type, bytes, pixels, disposition) => {
    const ann = await someone('Ann')
    const conv = await groupOf(ann)
    const id = await ann.files.upload(bytes, { type })
    await sends(ann, conv, [id])
    const [file] = (await newest(ann, conv))!.files!
    expect(file).toEqual({ id, name: 'notes.txt', type, size: bytes.length, ...pixels })
    const { headers } = await fetched((await linkTo(ann, id))!)
    expect(headers.get('content-disposition')).toMatch(new RegExp(`^${disposition};`))
    expect(headers.get('content-type')).toBe(disposition === 'inline' ? type : 'application/octet-stream')
    expect((await fetched(`${await linkTo(ann, id)}&save`)).headers.get('content-disposition')).toMatch(/^attachment;/)
  })

  it('is read in parts, as players do', async () => {
    const ann = await someone('Ann')
    const id = await ann.files.upload(text('0123456789'), { type: 'video/mp4' })
    const link = (await linkTo(ann, id))!
    const part = async (range: string) => {
      const answer = await fetched(link, { range })
      return [answer.status, answer.headers.get('content-range'), await answer.text()]
    }
    expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234'])
    expect(await part('bytes=8-')).toEqual([206, 'bytes 8-9/10', '89'])
    expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789'])
    expect(await part('bytes=20-')).toEqual([416, 'bytes */10', ''])
    expect(await part('lines=1-2')).toEqual([200, null, '0123456789'])
  })

  it('is reached by its link alone, which can’t be forged and ends', async () => {
    const ann = await someone('Ann')
    const [id, other] = [await ann.files.upload(text('one')), await ann.files.upload(text('two'))]
    const link = (await linkTo(ann, id))!
    const until = Number(/until=(\d+)/.exec(link)?.[1])
    expect(until).toBeGreaterThan(Date.now() + 9 * 60_000)
    expect(until).toBeLessThan(Date.now() + 21 * 60_000)
    const forged = [
      link.replace(id, other),
      link.replace(/until=\d+/, `until=${until + 1}`),
      link.replace(/key=[^&]+/, 'key=x'),
      link.replace(/\?.*/, ''),
    ]
    for (const bad of forged) expect((await fetched(bad)).status, bad).toBe(403)
  })
})

describe('an upload', () => {
  it('goes on where it was, also after a restart', async () => {
    const ann = await someone('Ann')
    const bytes = randomBytes(100_000) as Uint8Array<ArrayBuffer>
    const id = randomUUID() as FileId
    expect((await ann.files.begin(bytes, { id })).status).toBe(201)
    expect((await ann.files.goOn(id, 0, bytes.slice(0, 40_000))).status).toBe(204)
    await server.restart()
    // connections from before may still be tried
    await until(() =>
      ann.files.offset(id).then(
        (offset) => offset === 40_000,
        () => false,
      ),
    )
    expect((await ann.files.goOn(id, 10_000, bytes.slice(10_000))).status).toBe(409)
    const conv = await groupOf(ann)
    expect(await sends(ann, conv, [id])).toMatchObject({ ok: false, code: 'E_NOT_FOUND' })
    expect((await ann.files.goOn(id, 40_000, bytes.slice(40_000))).status).toBe(204)
    expect(await sends(ann, conv, [id])).toMatchObject({ ok: true })
    expect(Buffer.from(await (await fetched((await linkTo(ann, id))!)).arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('is of who began it, and of nobody else', async () => {
    const [ann, eve] = await Promise.all([someone('Ann'), someone('Eve')])
    const conv = await groupOf(ann, eve)
    const id = await ann.files.upload(text('mine'))
    expect(await eve.files.offset(id)).toBeNull()
    expect((await eve.files.goOn(id, 4, text('!'))).status).toBe(404)
    expect((await eve.files.begin(text('mine'), { id })).status).toBe(409)
    expect(await eve.files.withdraw(id)).toBe(404)
    expect(await linkTo(eve, id)).toBeUndefined()
    expect(await sends(eve, conv, [id])).toMatchObject({ ok: false, code: 'E_NOT_FOUND' })
    expect((await fetch(`${server.url}/api/files`, { method: 'POST', headers: { 'tus-resumable': '1.0.0' } })).status).toBe(401)
  })

  it('whose end came, and of which the server could say so to nobody, is complete as soon as somebody asks', async () => {
    const ann = await someone('Ann')
    const conv = await groupOf(ann)
    const id = randomUUID() as FileId
    await ann.files.begin(text('all of it'), { id })
    await writeFile(join(server.dataDir, 'files', id), 'all of it')
    expect(await sends(ann, conv, [id])).toMatchObject({ ok: false, code: 'E_NOT_FOUND' })
    expect(await ann.files.offset(id)).toBe(9)
    expect(await sends(ann, conv, [id])).toMatchObject({ ok: true })
  })

  it('is the one that was asked about, whatever else stands in the address', async () => {
    const [ann, eve] = await Promise.all([someone('Ann'), someone('Eve')])
    const [secret, own] = [await ann.files.upload(text('of Ann')), await eve.files.upload(text('mine'))]
    for (const path of [`${own}?x=/${secret}`, `${own}?/${secret}`, `${own}#/${secret}`, `${own}/../${secret}`])
      expect(await eve.files.offset(path), path).not.toBe(6)
    expect(await eve.files.offset(`${own}?x=/${secret}`)).toBe(4)
  })

  it('is refused where it is too big, has no name, or there is no room', async () => {
    const ann = await someone('Ann')
    const code = async (answer: Promise<Response>) => [(await answer).status, ((await (await answer).json()) as { code: string }).code]
    expect(await code(ann.files.begin(text('x'), { length: LIMIT + 1 }))).toEqual([413, 'E_TOO_BIG'])
    expect(await code(ann.files.begin(text('x'), { name: '' }))).toEqual([400, 'E_INVALID'])
    expect(await code(ann.files.begin(text('x'), { id: '../../etc/passwd' as FileId }))).toEqual([400, 'E_INVALID'])
    expect(await code(ann.files.begin(new Uint8Array()))).toEqual([400, 'E_INVALID'])
    expect(await code(ann.files.begin(text('x'), { name: 'exe.\u202egpj' }))).toEqual([400, 'E_INVALID'])
    expect((await ann.files.begin(text('x'), { length: LIMIT })).status).toBe(201)
    expect((await ann.files.begin(text('x'), { length: LIMIT })).status).toBe(201)
    expect(await code(ann.files.begin(text('x')))).toEqual([403, 'E_FORBIDDEN'])
  })

  it('is in one message, once, and a retry of that is answered as before', async () => {
    const ann = await someone('Ann')
    const conv = await groupOf(ann)
    const [id, other] = [await ann.files.upload(text('one')), await ann.files.upload(text('two'))]
    const clientId = randomUUID() as ClientId
    const first = await sends(ann, conv, [id], { clientId })
    expect(await sends(ann, conv, [id], { clientId })).toMatchObject({ ok: true, id: first.id, dup: true })
    expect(await sends(ann, conv, [other], { clientId })).toMatchObject({ ok: false, code: 'E_ID_CONFLICT' })
    expect(await sends(ann, conv, [id])).toMatchObject({ ok: false, code: 'E_NOT_FOUND' })
    expect(await ann.files.withdraw(id)).toBe(404)
    expect(await ann.files.withdraw(other)).toBe(200)
    expect(await sends(ann, conv, [other])).toMatchObject({ ok: false, code: 'E_NOT_FOUND' })
  })
})

describe('the files', () => {
  /** Nobody can fetch it any more, and soon it is not on the disk either. */
  async function isGone(id: FileId, link: string): Promise<void> {
    expect((await fetched(link)).status).toBe(404)
    await until(async () => (await onDisk(id)).length === 0)
  }

  it('of a deleted message are gone, for who has a link as well', async () => {
    const ann = await someone('Ann')
    const conv = await groupOf(ann)
    const id = await ann.files.upload(text('secret'))
    const { id: message } = await sends(ann, conv, [id])
    const link = (await linkTo(ann, id))!
    expect((await fetched(link)).status).toBe(200)
    const caller = await dial(server, ann)
    await caller.get('operation:apply', { conv, operation: { kind: 'delete', opId: randomUUID() as OperationId, target: { id: message! } } })
    caller.hangUp()
    expect(await newest(ann, conv)).not.toHaveProperty('files')
    await isGone(id, link)
    expect((await ann.ask('GET', '/api/search?q=&has=file')).body['messages']).toEqual([])
  })

  it('of a conversation that the last member has left are gone', async () => {
    const [ann, bob] = await Promise.all([someone('Ann'), someone('Bob')])
    const conv = await groupOf(ann, bob)
    const id = await ann.files.upload(text('ours'))
    await sends(ann, conv, [id])
    const link = (await linkTo(ann, id))!
    await ann.ask('POST', `/api/conversations/${conv}/leave`)
    // who may not read it any more can't by an old link either
    expect((await fetched(link)).status).toBe(404)
    expect((await fetched((await linkTo(bob, id))!)).status).toBe(200)
    await bob.ask('POST', `/api/conversations/${conv}/leave`)
    await isGone(id, link)
  })

  it('that were never sent go with the account of their owner', async () => {
    const ann = await someone('Ann')
    const id = await ann.files.upload(text('never sent'))
    const link = (await linkTo(ann, id))!
    expect((await ann.ask('POST', '/api/me/delete', {})).status).toBe(200)
    await isGone(id, link)
  })
})
