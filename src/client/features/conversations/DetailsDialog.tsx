import { useState, type ReactNode } from 'react'
import type { Api, CheckReport } from '#client/live/client.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectConversation, selectEntry } from '#client/store/selectors/conversations.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Choice } from '#client/ui/Choice.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { Link } from '#client/ui/Link.tsx'
import { nameFault } from '#client/ui/nameFault.ts'
import { PictureForm } from '#client/ui/PictureForm.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { dateInWords } from '#client/ui/times.ts'
import { useWish } from '#client/ui/useWish.ts'
import { plural, t } from '#client/words/t.ts'
import { timeWithSeconds } from '#client/words/formatDate.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import type { Reply } from '#protocol/reply.ts'
import styles from './DetailsDialog.module.css'

type DetailsDialogProps = {
  conv: ConversationId
  me: UserId
  api: Pick<Api, 'mute' | 'renameConversation' | 'chooseGroupPicture' | 'removeGroupPicture' | 'addMembers' | 'removeMember' | 'block' | 'unblock'>
  leave: () => ReturnType<Api['leave']>
  /** Compares what is kept here with the server. */
  check: (conv: ConversationId) => Promise<CheckReport>
  /** "Active now", "Last seen at 14:02" */
  presence: (user: UserId) => ReactNode
  onInvite: (() => void) | undefined
  /** Tells the operators about the other one of a direct conversation. */
  onReport: () => void
  onClose: () => void
}

type Question = { name: 'remove'; user: UserId; who: string } | { name: 'leave' }

/** The facts of a conversation, its members, and what its owner may do. */
export function DetailsDialog({ conv, me, api, leave, check, presence, onInvite, onReport, onClose }: DetailsDialogProps) {
  const view = useAppSelector((state) => selectConversation(state, conv))
  const messages = useAppSelector((state) => selectEntry(state, conv)?.head.seq ?? 0)
  const wish = useWish()
  const { fault } = wish
  const [question, setQuestion] = useState<Question | null>(null)
  if (!view) return null
  const { facts, title } = view
  const isOwner = facts.kind === 'group' && facts.role === 'owner'
  const others = facts.members.filter((member) => member.id !== me)

  const ask = async (wanted: () => Promise<Reply>): Promise<boolean> => (await wish.ask(wanted)) !== undefined

  const other = facts.kind === 'direct' ? others[0] : undefined
  if (question) {
    return (
      <Dialog
        title={question.name === 'leave' ? t('Leave {title}?', { title }) : t('Remove {who}?', { who: question.who })}
        onClose={() => setQuestion(null)}
      >
        <p>
          {question.name === 'leave'
            ? t('You will not see new messages. To come back you need an invite link.')
            : t('They will not see new messages. They can come back with an invite link.')}
        </p>
        {fault && <p role="alert">{fault}</p>}
        <DialogActions>
          <Button onClick={() => setQuestion(null)}>{question.name === 'leave' ? t('Stay') : t('Keep')}</Button>
          <Button
            look="danger"
            onClick={() =>
              void ask(() => (question.name === 'leave' ? leave() : api.removeMember(conv, question.user))).then(
                (done) => done && (question.name === 'leave' ? onClose() : setQuestion(null)),
              )
            }
          >
            {question.name === 'leave' ? t('Leave group') : t('Remove')}
          </Button>
        </DialogActions>
      </Dialog>
    )
  }

  return (
    <Dialog title={title} place="side" onClose={onClose}>
      <dl className={styles.facts}>
        <div>
          <dt>{t('Created')}</dt>
          <dd>{dateInWords(facts.createdAt)}</dd>
        </div>
        <div>
          <dt>{t('Messages')}</dt>
          <dd data-testid="message-count">{messages}</dd>
        </div>
        <div>
          <dt>{t('Members')}</dt>
          <dd data-testid="member-count">{facts.memberCount}</dd>
        </div>
      </dl>
      {fault && (
        <p role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
      {isOwner && (
        <PictureForm
          of={facts}
          kind="group"
          words={t('Its middle is shown beside the name of the group, to everybody in it.')}
          choose={(jpeg) => api.chooseGroupPicture(conv, jpeg)}
          remove={() => api.removeGroupPicture(conv)}
        />
      )}
      {isOwner && <RenameForm key={facts.name} name={facts.name} rename={(name) => ask(() => api.renameConversation(conv, name))} />}
      <section className={styles.section} aria-labelledby="members-heading">
        <h3 id="members-heading">{t('Members')}</h3>
        {facts.members.length === 0 ? (
          <p className={styles.words}>{t('Too many to list here.')}</p>
        ) : (
          <ul className={styles.members}>
            {facts.members.map((member) => (
              <li key={member.id}>
                <Avatar id={member.id} name={member.name} picture={member.picture} small />
                <span className={styles.person}>
                  <Link to={`?person=${member.id}`} onClick={onClose}>
                    <bdi>{member.id === me ? t('{name} (you)', { name: member.name }) : member.name}</bdi>
                  </Link>
                  <span className={styles.words}>
                    {member.role === 'owner' && `${t('Owner')} · `}
                    {member.isGuest && `${t('Guest')} · `}
                    {member.id === me ? t('Here') : presence(member.id)}
                  </span>
                </span>
                {member.id !== me && facts.kind !== 'direct' && (
                  <Link to={`/people/${member.id}`} onClick={onClose} className={styles.action}>
                    {t('Message')}
                  </Link>
                )}
                {isOwner && member.id !== me && (
                  <Button
                    look="text"
                    aria-label={t('Remove {name}', { name: member.name })}
                    onClick={() => setQuestion({ name: 'remove', user: member.id, who: member.name })}
                  >
                    {t('Remove')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>
      <Notifications muted={view.muted} mute={(muted) => ask(() => api.mute(conv, muted))} />
      <section className={styles.section} aria-labelledby="files-heading">
        <h3 id="files-heading">{t('Files and pictures')}</h3>
        <p>
          <Link to={`/search?in=${conv}&has=file`} onClick={onClose} className={styles.action}>
            {t('Everything that was sent here')}
          </Link>
        </p>
      </section>
      <HistoryCheck key={conv} through={messages} check={() => check(conv)} />
      {facts.kind === 'group' && isOwner && (
        <AddPeople known={others.map((member) => member.id)} add={(user) => ask(() => api.addMembers(conv, [user]))} />
      )}
      {other && (
        <DialogActions>
          <Button onClick={onReport}>{t('Report')}</Button>
          {facts.consent === 'blocked' ? (
            <Button onClick={() => void ask(() => api.unblock(other.id))}>{t('Unblock')}</Button>
          ) : (
            <Button look="danger" onClick={() => void ask(() => api.block(other.id))}>
              {t('Block')}
            </Button>
          )}
        </DialogActions>
      )}
      {facts.kind === 'group' && (
        <DialogActions>
          {onInvite && <Button onClick={onInvite}>{t('Invite with a link')}</Button>}
          <Button look="danger" onClick={() => setQuestion({ name: 'leave' })}>
            {t('Leave group')}
          </Button>
        </DialogActions>
      )}
    </Dialog>
  )
}

/** Shows what was chosen at once, and what is so again if it could not be kept. */
function Notifications({ muted, mute }: { muted: boolean; mute: (muted: boolean) => Promise<boolean> }) {
  const [chosen, setChosen] = useState<boolean | null>(null)
  if (chosen === muted) setChosen(null)
  const shown = chosen ?? muted
  return (
    <section className={styles.section} aria-labelledby="notifications-heading">
      <h3 id="notifications-heading">{t('Notifications')}</h3>
      <Choice
        label={t('On all your devices')}
        value={shown ? 'muted' : 'on'}
        onChange={(to) => {
          setChosen(to === 'muted')
          void mute(to === 'muted').then((isKept) => isKept || setChosen(null))
        }}
        options={[
          { value: 'on', label: t('On') },
          { value: 'muted', label: t('Muted') },
        ]}
      />
      {shown && <p className={styles.words}>{t('No device of yours tells of messages here. The list still counts them.')}</p>}
    </section>
  )
}

type Checked = { at: number; report: CheckReport } | 'checking' | null

/** "Is everything here?", answered on the spot, and mended where it is not. */
function HistoryCheck({ through, check }: { through: number; check: () => Promise<CheckReport> }) {
  const [checked, setChecked] = useState<Checked>(null)
  const run = () => {
    setChecked('checking')
    void check().then((report) => setChecked({ at: Date.now(), report }))
  }
  return (
    <section className={styles.section} aria-labelledby="history-heading">
      <h3 id="history-heading">{t('History')}</h3>
      <p className={styles.words}>{through === 0 ? t('Nothing has been written yet.') : t('Complete up to message {through}.', { through })}</p>
      <Button unavailable={checked === 'checking' ? t('Checking') : undefined} onClick={run}>
        {checked === 'checking' ? t('Checking…') : t('Check against server')}
      </Button>
      <p role="status" className={styles.words} data-testid="check-result">
        {checked !== null && checked !== 'checking' && checkWords(checked)}
      </p>
    </section>
  )
}

function checkWords({ at, report }: { at: number; report: CheckReport }): string {
  if (!report.ok && report.code === 'E_TIMEOUT') return t('The check needs a connection. Try again when you are back.')
  if (!report.ok && report.code === 'UNREADABLE') return t('What this browser keeps can’t be read just now. Reload the page and check again.')
  if (!report.ok) return refusalWords(report)
  const { messages, differing, chain } = report
  if (differing > 0)
    return plural(
      messages,
      '{differing} of 1 message kept here differed from the server. They were fetched again.',
      '{differing} of {n} messages kept here differed from the server. They were fetched again.',
      { differing },
    )
  if (chain === 'broken') return t('The history kept here does not fit together. It was fetched again.')
  const checked = t('Checked at {time}.', { time: timeWithSeconds(at) })
  if (messages === 0) return `${t('There are no messages to compare.')} ${checked}`
  const all = plural(messages, '1 message is kept here as on the server.', 'All {n} messages are kept here as on the server.')
  return `${all} ${checked}${chain === 'whole' ? '' : ` ${t('Whether the history fits together could not be checked.')}`}`
}

function RenameForm({ name: before, rename }: { name: string; rename: (name: string) => Promise<boolean> }) {
  const [name, setName] = useState(before)
  const wrong = name.trim() === '' ? undefined : nameFault(name)
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '' && name.trim() !== before && !wrong) void rename(name.trim())
      }}
    >
      <Field
        label={t('Group name')}
        value={name}
        maxLength={NAME_MAX_GRAPHEMES}
        autoComplete="off"
        fault={wrong}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" unavailable={name.trim() === '' || name.trim() === before ? t('Type another name first') : undefined}>
        {t('Rename')}
      </Button>
    </form>
  )
}

/** People one already shares a conversation with. Everybody else comes by invite link. */
function AddPeople({ known, add }: { known: UserId[]; add: (user: UserId) => Promise<boolean> }) {
  const byId = useAppSelector((state) => state.conversations.byId)
  const me = useAppSelector((state) => state.conversations.me)
  const people = new Map<UserId, string>()
  for (const { facts } of Object.values(byId)) for (const member of facts.members) people.set(member.id, member.name)
  for (const user of [...known, ...(me ? [me] : [])]) people.delete(user)
  const [chosen, setChosen] = useState<UserId | ''>('')
  if (people.size === 0) return null
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (chosen !== '') void add(chosen).then((added) => added && setChosen(''))
      }}
    >
      <label className={styles.select}>
        <span>{t('Add someone you know')}</span>
        <select value={chosen} onChange={(event) => setChosen(event.target.value as UserId)}>
          <option value="">{t('Choose a person')}</option>
          {[...people].map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Button type="submit" unavailable={chosen === '' ? t('Choose a person first') : undefined}>
        {t('Add')}
      </Button>
    </form>
  )
}
