import { useEffect, useState } from 'react'
import type { HelloFacts } from '#client/live/facts.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import type { RootState } from '#client/store/reducer.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { IconButton } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { timeWithSeconds } from '#client/words/formatDate.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { ConnectionState } from './connectionSlice.ts'
import styles from './DebugPanel.module.css'

type Fact = { name: string; value: string }

/** The connection inspector: everything the page knows about its line, as it stands, to read and to copy. Never message text. */
export function DebugPanel({ onClose }: { onClose: () => void }) {
  const [now, setNow] = useState(() => Date.now())
  const connection = useAppSelector((state) => state.connection)
  const name = useAppSelector(selectConnectionName)
  const messages = useAppSelector((state) => state.messages.byConv)
  const conversations = useAppSelector((state) => state.conversations.byId)
  const outbox = useAppSelector((state) => state.outbox.byConv)
  const open = useAppSelector((state) => state.messages.open)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])

  const facts = factsOf(connection, { name, open, now })
  const cursors = cursorsOf(conversations, messages)
  const waiting = Object.values(outbox).flatMap((rows) =>
    rows.map((row) => ({ clientId: row.clientId, conv: row.conv, state: row.state.name, ageMs: now - row.sentAt })),
  )
  return (
    <section className={styles.panel} data-testid="debug-panel" aria-label="Connection inspector" tabIndex={0}>
      <header className={styles.head}>
        <h2>Connection inspector</h2>
        <CopyButton
          look="text"
          label="Copy report"
          text={JSON.stringify({ at: new Date(now).toISOString(), name, connection, cursors, outbox: waiting }, null, 2)}
        />
        <IconButton icon={laterDrawings.close} label="Close inspector" onClick={onClose} />
      </header>
      <dl className={styles.facts}>
        {facts.map((fact) => (
          <div key={fact.name} data-fact={fact.name}>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
      <h3>Conversations</h3>
      <table>
        <thead>
          <tr>
            <th>id</th>
            <th>through</th>
            <th>head</th>
            <th>held</th>
          </tr>
        </thead>
        <tbody>
          {cursors.map((row) => (
            <tr key={row.conv}>
              <td>{row.conv}</td>
              <td>{row.through === null ? '–' : `#${row.through.seq} (rev ${row.through.rev})`}</td>
              <td>{`#${row.head.seq} (rev ${row.head.rev})`}</td>
              <td>{row.held}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>Outbox</h3>
      {waiting.length === 0 ? (
        <p>Empty</p>
      ) : (
        <ul>
          {waiting.map((row) => (
            <li key={row.clientId}>
              {row.state} · {Math.round(row.ageMs / 1_000)} s · {row.clientId}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const ago = (at: number, now: number): string => `${Math.max(0, Math.round((now - at) / 1_000))} s ago`

type Beside = { name: string; open: ConversationId | null; now: number }

function factsOf({ line, lastLoss, strangeAnswers, measured, hello, synced }: ConnectionState, { name, open, now }: Beside): Fact[] {
  const isConnected = line.name === 'live' || line.name === 'syncing'
  const outage = line.name === 'reconnecting' || line.name === 'syncing' ? line.outage : null
  const step = line.name === 'reconnecting' ? line.step : null
  const nextRetryAt = step?.name === 'waiting' ? step.nextRetryAt : null
  const shown: [string, string | number | false | null | undefined][] = [
    ['state', name],
    ['connected', isConnected ? 'yes' : 'no'],
    ['step', step?.name],
    ['attempts', outage && outage.failures + 1],
    ['last reason', lastLoss && `${lastLoss.reason}, ${ago(lastLoss.at, now)}`],
    ['strange answers', strangeAnswers > 0 && strangeAnswers],
    ['refused', line.name === 'refused' ? line.code : line.name === 'signedOut' ? line.ended?.code : null],
    ['next retry', nextRetryAt === null ? null : `in ${Math.max(0, Math.round((nextRetryAt - now) / 1_000))} s`],
    ['transport', measured?.transport ?? hello?.transport],
    ['round trip', measured && measured.rttMs !== null && `${Math.round(measured.rttMs)} ms`],
    ['last heard', measured && ago(measured.lastHeardAt, now)],
    ['synced', synced && `${timeWithSeconds(synced.serverAt)}, ${ago(synced.at, now)}`],
    ['connection id', hello?.connId],
    ['session id', hello?.sessionId],
    ['device id', hello?.deviceId],
    ['user', hello && `${hello.user.name} (${hello.user.id})`],
    ['rooms', isConnected && hello && roomsOf(hello, open).join(', ')],
    ['protocol', hello?.proto],
    ['reconnection', hello && `${hello.isReconnection ? 'yes' : 'no'}, ${hello.reconnectCount} so far`],
    ['epoch', hello?.epoch],
  ]
  return shown.map(([fact, value]) => ({ name: fact, value: value === null || value === undefined || value === false ? '–' : String(value) }))
}

/** Where the server puts a connection: its own id, the person, the device, and the conversation on screen. */
const roomsOf = ({ connId, user, deviceId }: HelloFacts, open: ConversationId | null): string[] => [
  connId,
  `user:${user.id}`,
  `dev:${deviceId}`,
  ...(open === null ? [] : [`view:${open}`]),
]

function cursorsOf(conversations: RootState['conversations']['byId'], messages: RootState['messages']['byConv']) {
  return Object.keys(conversations).map((id) => {
    const conv = id as ConversationId
    const timeline = messages[conv]
    return { conv, head: conversations[conv]!.head, through: timeline?.through ?? null, held: timeline?.messages.length ?? 0 }
  })
}
