import { Component, type ReactNode } from 'react'
import { t } from '#client/words/t.ts'
import { Button } from './Button.tsx'
import styles from './ErrorBoundary.module.css'

type Props = { /** A new value is a new try. */ resetKey: string; children: ReactNode }

/** One broken part of the page stays one broken part: what is around it, the line and the outbox go on. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override componentDidUpdate(before: Props): void {
    if (this.state.failed && before.resetKey !== this.props.resetKey) this.setState({ failed: false })
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <div className={styles.failed} role="alert">
        <p>{t('This part of the page could not be shown. Your messages are safe.')}</p>
        <Button onClick={() => this.setState({ failed: false })}>{t('Try again')}</Button>
        <Button look="text" onClick={() => location.reload()}>
          {t('Reload the page')}
        </Button>
      </div>
    )
  }
}
