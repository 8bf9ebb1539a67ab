import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { oldUnsentAllowed } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectOldUnsentCount } from '#client/store/selectors/outbox.ts'
import { Button } from '#client/ui/Button.tsx'
import { cx } from '#client/ui/cx.ts'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Link } from '#client/ui/Link.tsx'
import styles from './OldUnsentBar.module.css'

const countWords = (count: number): string => `${count} unsent ${count === 1 ? 'message' : 'messages'}`

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
    <Dialog title={`Send ${countWords(count)}?`} onClose={look}>
      <p>
        {count === 1 ? 'You wrote it' : 'You wrote them'} more than a day ago, and {count === 1 ? 'it has' : 'they have'} not been sent yet.
      </p>
      <DialogActions>
        <Button onClick={look}>Look first</Button>
        <Button look="primary" onClick={() => dispatch(oldUnsentAllowed())}>
          Send
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
      {countWords(count)} from more than a day ago {count === 1 ? 'waits' : 'wait'} for your word
      {here && `, and what you write here waits behind ${count === 1 ? 'it' : 'them'}`}.{' '}
      <Button look="text" onClick={() => dispatch(oldUnsentAllowed())}>
        Send all
      </Button>
      {here && <Link to="/outbox">Look at {count === 1 ? 'it' : 'them'}</Link>}
    </p>
  )
}
