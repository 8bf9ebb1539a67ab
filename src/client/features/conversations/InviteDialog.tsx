import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { spanInWords } from '#client/ui/spans.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useWish } from '#client/ui/useWish.ts'
import { plural, t } from '#client/words/t.ts'
import type { InviteAnswer, InviteTerms } from '#protocol/http.ts'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './InviteDialog.module.css'

type InviteApi = Pick<Api, 'createInvite' | 'invites' | 'revokeInvite'>
type InviteDialogProps = { conv: ConversationId; title: string; api: InviteApi; onClose: () => void }

/** Makes links that let whoever has them join, and takes them back. */
export function InviteDialog({ conv, title, api, onClose }: InviteDialogProps) {
  const [terms, setTerms] = useState<InviteTerms>({})
  const { answer, again } = useAnswer(`${conv} ${JSON.stringify(terms)}`, () => api.createInvite(conv, terms))
  const link = answer?.ok ? new URL(answer.path, location.origin).href : null
  const fault =
    answer && !answer.ok ? t('There is no link yet. {why}', { why: answer.code === 'E_FORBIDDEN' ? tooMany() : refusalWords(answer) }) : null
  return (
    <Dialog title={t('Invite to {title}', { title })} onClose={onClose}>
      <p>{t('Whoever has this link can join and read what is written from then on.')}</p>
      <TermsChoice terms={terms} onChange={setTerms} />
      {fault ? (
        <p role="alert">{fault}</p>
      ) : (
        <Field label={t('Invite link')} readOnly value={link ?? t('Making a link…')} onFocus={(event) => event.target.select()} />
      )}
      {/* a link that was made just now is among them */}
      <WorkingLinks key={`${link} ${fault}`} conv={conv} api={api} onRevoked={(code) => answer?.ok && answer.code === code && onClose()} />
      <DialogActions>
        <Button onClick={onClose}>{t('Done')}</Button>
        {fault && (
          <Button look="primary" onClick={again}>
            {t('Try again')}
          </Button>
        )}
        {link && <CopyButton look="primary" text={link} label={t('Copy link')} />}
      </DialogActions>
    </Dialog>
  )
}

const tooMany = () => t('There are too many links into this group already. Take one back that is not needed.')

const HOUR = 60 * 60 * 1000
const ENDS = [undefined, HOUR, 24 * HOUR, 7 * 24 * HOUR]
const USES = [undefined, 1, 10, 100]

function TermsChoice({ terms, onChange }: { terms: InviteTerms; onChange: (terms: InviteTerms) => void }) {
  const chosen = (event: { target: { value: string } }) => (event.target.value === '' ? undefined : Number(event.target.value))
  return (
    <div className={styles.terms}>
      <label>
        <span>{t('Works for')}</span>
        <select value={terms.forMs ?? ''} onChange={(event) => onChange({ ...terms, forMs: chosen(event) })}>
          {ENDS.map((ms) => (
            <option key={ms ?? ''} value={ms ?? ''}>
              {ms === undefined ? t('As long as the group') : spanInWords(ms)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('Lets in')}</span>
        <select value={terms.uses ?? ''} onChange={(event) => onChange({ ...terms, uses: chosen(event) })}>
          {USES.map((uses) => (
            <option key={uses ?? ''} value={uses ?? ''}>
              {uses === undefined ? t('Everybody who has it') : plural(uses, '1 person', '{n} people')}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

type WorkingLinksProps = { conv: ConversationId; api: InviteApi; onRevoked: (code: string) => void }

function WorkingLinks({ conv, api, onRevoked }: WorkingLinksProps) {
  const { answer, again } = useAnswer(conv, () => api.invites(conv))
  const wish = useWish()
  if (!answer?.ok || answer.invites.length === 0) return null
  const revoke = async (code: string) => {
    if (!(await wish.ask(() => api.revokeInvite(conv, code)))) return
    again()
    onRevoked(code)
  }
  return (
    <section aria-labelledby="links-heading" className={styles.links}>
      <h3 id="links-heading">{t('Links that work')}</h3>
      <ul>
        {answer.invites.map((invite) => (
          <li key={invite.code} data-testid="invite-row">
            <span>
              <code>{invite.code}</code> {termsWords(invite)}
            </span>
            <Button look="text" aria-label={t('Take back {code}', { code: invite.code })} onClick={() => void revoke(invite.code)}>
              {t('Take back')}
            </Button>
          </li>
        ))}
      </ul>
      {wish.fault && <p role="alert">{wish.fault}</p>}
    </section>
  )
}

function termsWords({ expiresAt, usesLeft }: InviteAnswer): string {
  const end = expiresAt === null ? '' : t('for {span} more', { span: spanInWords(Math.max(0, expiresAt - Date.now())) })
  const uses = usesLeft === null ? '' : plural(usesLeft, 'for 1 more person', 'for {n} more people')
  return [end, uses].filter(Boolean).join(', ') || t('for everybody')
}
