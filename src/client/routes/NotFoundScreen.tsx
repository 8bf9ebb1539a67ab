import { Empty } from '#client/ui/Empty.tsx'
import { Link } from '#client/ui/Link.tsx'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'

export function NotFoundScreen() {
  return (
    <>
      <ScreenHeader title="Not found" />
      <div className={styles.body}>
        <Empty title="There is nothing at this address" action={<Link to="/chat">Go to your conversations</Link>} />
      </div>
    </>
  )
}
