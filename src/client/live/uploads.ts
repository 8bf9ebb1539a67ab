import type { Action } from '@reduxjs/toolkit'
import type { RefusalCode } from '#protocol/codes.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ClientId, ConversationId, FileId } from '#protocol/ids.ts'
import * as facts from './facts.ts'
import type { Channel, Clock, Locks } from './ports.ts'
import type { TabMessage } from './tabs.ts'

/** A message that waits for its files to be with the server. */
export type UploadRow = {
  message: facts.FilesMessage
  /** The server knows of these; the others are announced first. */
  begun: FileId[]
  done: FileId[]
  /** It will not be tried again by itself. */
  refusal: RefusalCode | null
}

/** Where files wait, over reloads and for all tabs. Every method may reject; nothing of that call is kept then. */
export type UploadStore = {
  /** In the order in which they were written. */
  rows: () => Promise<UploadRow[]>
  add: (row: UploadRow, blobs: readonly { id: FileId; blob: Blob }[]) => Promise<void>
  /** Nothing where the row is gone. */
  change: (row: UploadRow) => Promise<void>
  remove: (row: UploadRow) => Promise<void>
  blob: (id: FileId) => Promise<Blob | undefined>
  /** Of a file that stands beside what is being written. Those of long ago that no message took go. */
  keepBlob: (id: FileId, blob: Blob) => Promise<void>
  dropBlob: (id: FileId) => Promise<void>
  close: () => void
}

/** `failed`: the line, or the server for now. It may be tried again, and goes on where it was. */
export type SendOutcome = 'done' | 'failed' | { refused: RefusalCode }
export type SendFile = (
  file: FileFacts,
  blob: Blob,
  more: {
    isBegun: boolean
    /** Does the server know of it now? */
    knownNow: (isKnown: boolean) => void
    progressed: (bytes: number) => void
    signal: AbortSignal
  },
) => Promise<SendOutcome>

export type UploadsParts = {
  clock: Clock
  store: UploadStore
  /** Of all tabs of this person one uploads. undefined: where a browser has no locks each does for itself, and the server takes one. */
  locks: Locks | undefined
  lockName: string
  channel: Pick<Channel<TabMessage>, 'post' | 'subscribe'> | undefined
  send: SendFile
  /** Takes back what the server has of a file. Whether it succeeds does not matter: what no message takes goes by itself. */
  withdraw: (id: FileId) => void
  emit: (fact: Action) => void
  storageFailed: (error: unknown) => void
}

const RETRY_FIRST_MS = 2_000
const RETRY_MOST_MS = 60_000
/** Nothing moved for so long: the request is dead. */
const STALL_MS = 60_000
/** No number changes faster than this on screen. */
const PROGRESS_MS = 250

/**
 * Files on their way to the server, and the messages that wait for them. A message with files is handed to the outbox when all of them are there:
 * until then what is written after it passes it, so that nobody waits for somebody's film. One file at a time, in written order, by one tab.
 */
export function openUploads(parts: UploadsParts) {
  const { clock, store, emit, channel } = parts
  let rows: UploadRow[] = []
  /** Chosen in this tab. */
  const chosen = new Map<FileId, Blob>()
  /** Those that the storage has had: where it has one no more, another tab took it away. */
  const kept = new Set<ClientId>()
  /** The storage did not take these: nobody else can send them. */
  const onlyHere = new Set<ClientId>()
  /** They have left: what was read before that brings none of them back. */
  const gone = new Set<ClientId>()
  /** The server had given up files of these, and they were uploaded once more. */
  const renewed = new Set<ClientId>()
  /** Of those that were chosen in this tab: not kept so far. */
  const unkept = new Set<FileId>()
  /** The one that failed last lets others go first. */
  let failedLast: ClientId | undefined
  /** Those that the outbox has been given. */
  const handed = new Set<ClientId>()
  let underWay: { row: UploadRow; abort: AbortController } | undefined
  let mayUpload = parts.locks === undefined
  let failures = 0
  let isClosed = false
  let stopRetry = () => {}
  let stopStall = () => {}
  let stopProgress: (() => void) | undefined
  let tellProgress = () => {}

  const list = () => {
    const waiting = rows.filter(({ message }) => !handed.has(message.clientId))
    emit(facts.uploadsListed({ uploads: waiting.map(({ message, refusal }) => ({ message, refusal })) }))
  }
  const tellTabs = () => channel?.post({ kind: 'uploadsChanged' })
  const keep = (work: Promise<void>) => void work.then(tellTabs, parts.storageFailed)

  function work(): void {
    stopRetry()
    if (isClosed || underWay) return
    const ready = rows.filter(
      ({ message: { clientId }, refusal }) => refusal === null && !handed.has(clientId) && (mayUpload || onlyHere.has(clientId)),
    )
    const after = ready.findIndex(({ message }) => message.clientId === failedLast) + 1
    const row = ready[after] ?? ready[0]
    if (!row) return
    const abort = new AbortController()
    underWay = { row, abort }
    void sendAll(row, abort).then((outcome) => {
      underWay = undefined
      stopStall()
      if (!rows.includes(row) || isClosed) return work()
      failedLast = outcome === 'failed' ? row.message.clientId : undefined
      if (outcome === 'failed') return retryLater()
      failures = 0
      if (outcome === 'done') hand(row)
      else {
        row.refusal = outcome.refused
        keep(store.change(row))
        list()
      }
      work()
    })
  }

  function retryLater(): void {
    stopRetry = clock.after(Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** failures), work)
    failures++
  }

  const blobOf = async (id: FileId) => (await store.blob(id).catch(() => undefined)) ?? chosen.get(id)

  async function sendAll(row: UploadRow, abort: AbortController): Promise<SendOutcome> {
    const { signal } = abort
    const moved = () => {
      stopStall()
      stopStall = clock.after(STALL_MS, () => abort.abort())
    }
    let before = 0
    for (const file of row.message.files) {
      if (!row.done.includes(file.id)) {
        // what is kept stays as it was, whatever becomes of the file that was chosen
        const blob = await blobOf(file.id)
        if (!blob) return { refused: 'E_NOT_FOUND' }
        if (signal.aborted) return 'failed'
        moved()
        const outcome = await parts.send(file, blob, {
          isBegun: row.begun.includes(file.id),
          knownNow: (isKnown) => {
            row.begun = [...row.begun.filter((id) => id !== file.id), ...(isKnown ? [file.id] : [])]
            keep(store.change(row))
          },
          progressed: (bytes) => {
            moved()
            progressed(row, before + bytes)
          },
          signal,
        })
        if (outcome !== 'done' || signal.aborted) return outcome
        row.done.push(file.id)
        keep(store.change(row))
      }
      before += file.size
    }
    return 'done'
  }

  function progressed({ message: { clientId } }: UploadRow, sent: number): void {
    tellProgress = () => emit(facts.uploadProgressed({ clientId, sent }))
    stopProgress ??= clock.after(PROGRESS_MS, () => {
      stopProgress = undefined
      tellProgress()
    })
  }

  /** From here on it is a message like any other, under the same id. It leaves when the outbox has it for good: a page that ends now gives it again. */
  function hand(row: UploadRow): void {
    handed.add(row.message.clientId)
    emit(facts.messageWritten({ ...row.message, sentAt: clock.now(), found: true }))
    // where it was refused because its files were gone it is there already
    if (renewed.has(row.message.clientId)) emit(facts.retryRequested(row.message))
    list()
  }

  function leave(clientId: ClientId): void {
    const row = rows.find(({ message }) => message.clientId === clientId)
    if (!row) return
    rows = rows.filter((other) => other !== row)
    gone.add(clientId)
    if (underWay?.row === row) underWay.abort.abort()
    for (const { id } of row.message.files) forget(id)
    keep(store.remove(row))
    list()
  }

  function forget(id: FileId): void {
    chosen.delete(id)
    unkept.delete(id)
  }

  /** The server does not have its files any more, as after weeks or a restored backup: they are here still. Once, for it may mean something else. */
  function renew(clientId: ClientId): void {
    const row = rows.find(({ message }) => message.clientId === clientId)
    if (!row || !handed.has(clientId) || renewed.has(clientId)) return
    renewed.add(clientId)
    handed.delete(clientId)
    Object.assign(row, { begun: [], done: [] })
    keep(store.change(row))
    list()
    work()
  }

  function handle(action: Action): void {
    if (isClosed) return
    if (facts.filesWritten.match(action)) {
      const { conv } = action.payload
      const row: UploadRow = { message: action.payload, begun: [], done: [], refusal: null }
      rows = [...rows, row]
      list()
      const blobs = row.message.files.flatMap(({ id }) => (unkept.has(id) ? [{ id, blob: chosen.get(id)! }] : []))
      const { clientId } = row.message
      void store.add(row, blobs).then(
        () => {
          kept.add(clientId)
          for (const { id } of blobs) unkept.delete(id)
          tellTabs()
          emit(facts.filesKept({ conv }))
          work()
        },
        (error: unknown) => {
          onlyHere.add(clientId)
          parts.storageFailed(error)
          work()
        },
      )
    } else if (facts.uploadWithdrawn.match(action)) {
      const row = rows.find(({ message }) => message.clientId === action.payload.clientId)
      // what the outbox has is taken back there
      if (!row || handed.has(row.message.clientId)) return
      leave(row.message.clientId)
      for (const { id } of row.message.files) parts.withdraw(id)
    } else if (facts.uploadRetryRequested.match(action)) {
      const row = rows.find(({ message }) => message.clientId === action.payload.clientId)
      if (!row || row.refusal === null) return
      row.refusal = null
      keep(store.change(row))
      list()
      work()
    } else if (facts.sendRefused.match(action) && action.payload.code === 'E_NOT_FOUND') renew(action.payload.clientId)
    else if (facts.messageSaved.match(action)) standsForItself(action.payload)
    else if (facts.messageStored.match(action) || facts.outboxRowRemoved.match(action)) {
      if (!handed.has(action.payload.clientId)) return
      leave(action.payload.clientId)
      standsForItself(action.payload)
    } else if (facts.roomsSynced.match(action)) {
      // there is a line again; repeated while there is one, when it changes nothing
      failures = 0
      work()
    }
  }

  /** The outbox keeps it, or it is with the server: its draft need not stand for it any more, nor for others of its conversation. */
  function standsForItself({ conv, clientId }: { conv: ConversationId; clientId: ClientId }): void {
    if (onlyHere.delete(clientId) && !rows.some(({ message }) => message.conv === conv && onlyHere.has(message.clientId)))
      emit(facts.filesKept({ conv }))
  }

  /** What the storage has, and what it could not take. */
  async function read(): Promise<void> {
    // What is kept while this is read may be missing in it.
    const keptBefore = new Set(kept)
    const stored = await store.rows().catch((error: unknown) => (parts.storageFailed(error), []))
    if (isClosed) return
    const known = new Map(rows.map((row) => [row.message.clientId, row]))
    for (const { message } of stored) kept.add(message.clientId)
    // the one that is under way knows more than what is kept of it
    const merged = stored
      .filter(({ message }) => !gone.has(message.clientId))
      .map((row) => (underWay?.row.message.clientId === row.message.clientId ? underWay.row : row))
    rows = [
      ...merged,
      ...rows.filter(({ message }) => !keptBefore.has(message.clientId) && !stored.some((one) => one.message.clientId === message.clientId)),
    ]
    if (underWay && !rows.includes(underWay.row)) underWay.abort.abort()
    if (rows.length !== known.size || rows.some((row) => known.get(row.message.clientId)?.refusal !== row.refusal)) list()
    work()
  }

  const stopChannel = channel?.subscribe((message) => {
    if (message.kind === 'uploadsChanged') void read()
  })
  const lose = () => {
    mayUpload = false
    underWay?.abort.abort()
  }
  const letGo = parts.locks?.hold(parts.lockName, {
    taken: () => {
      mayUpload = true
      void read()
    },
    stolen: lose,
  })
  void read()

  return {
    handle,
    /** A file that somebody chose in this tab: it is at hand until its message has left, or until it is let go, also over a reload. */
    choose: (id: FileId, blob: Blob): void => {
      chosen.set(id, blob)
      unkept.add(id)
      // What can't be kept is at hand as long as this page is there.
      store.keepBlob(id, blob).then(() => unkept.delete(id), parts.storageFailed)
    },
    letGo: (id: FileId): void => {
      forget(id)
      store.dropBlob(id).catch(parts.storageFailed)
    },
    /** What is at hand of a file: one that waits, or stands beside what is being written. */
    blob: (id: FileId): Promise<Blob | undefined> => blobOf(id),
    /** A message, or a file beside one that is being written, that would be lost with this page. */
    holdsUnsaved: (): boolean => unkept.size > 0 || rows.some(({ message: { clientId } }) => !kept.has(clientId) && !handed.has(clientId)),
    close: (): void => {
      isClosed = true
      stopStall()
      stopRetry()
      stopProgress?.()
      underWay?.abort.abort()
      letGo?.()
      stopChannel?.()
      store.close()
    },
  }
}
