import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { oldUnsentAllowed } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectOldUnsentCount } from '#client/store/selectors/outbox.ts'
import { Button } from '#client/ui/Button.tsx'
import { cx } from '#client/ui/cx.ts'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Link } from '#client/ui/Link.tsx'
import { plural, t } from '#client/words/t.ts'
import styles from './OldUnsentBar.module.css'

/** Asked once when somebody comes back after days: what they wrote then may be out of place now. */
export function OldUnsentDialog() {
  const dispatch = useAppDispatch()
  const navigate = useNavigate()
  const count = useAppSelector(selectOldUnsentCount)
  const [putOff, setPutOff] = useState(false)
  if (count === 0 || putOff) return null
  const look = () => {
    setPutOff(true)
    void navigate('/outbox')
  }
  return (
    <Dialog title={plural(count, 'Send 1 unsent message?', 'Send {n} unsent messages?')} onClose={look}>
      <p>
        {plural(
          count,
          'You wrote it more than a day ago, and it has not been sent yet.',
          'You wrote them more than a day ago, and they have not been sent yet.',
        )}
      </p>
      <DialogActions>
        <Button onClick={look}>{t('Look first')}</Button>
        <Button look="primary" onClick={() => dispatch(oldUnsentAllowed())}>
          {t('Send')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

/** The same question where one came to look, and in a conversation (`here`) where what is written now waits behind them. */
export function OldUnsentBar({ here = false }: { here?: boolean }) {
  const dispatch = useAppDispatch()
  const count = useAppSelector(selectOldUnsentCount)
  if (count === 0) return null
  return (
    <p className={cx(styles.bar, here && styles.here)}>
      {here
        ? plural(
            count,
            '1 unsent message from more than a day ago waits for your word, and what you write here waits behind it.',
            '{n} unsent messages from more than a day ago wait for your word, and what you write here waits behind them.',
          )
        : plural(
            count,
            '1 unsent message from more than a day ago waits for your word.',
            '{n} unsent messages from more than a day ago wait for your word.',
          )}{' '}
      <Button look="text" onClick={() => dispatch(oldUnsentAllowed())}>
        {t('Send all')}
      </Button>
      {here && <Link to="/outbox">{plural(count, 'Look at it', 'Look at them')}</Link>}
    </p>
  )
}
