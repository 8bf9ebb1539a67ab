import { Avatar } from '#client/ui/Avatar.tsx'
import type { Me } from '#protocol/session.ts'
import styles from './SideHeader.module.css'

/** Who one is; what stands above the list until the rest of it is here. */
export function SideName({ me }: { me: Me }) {
  return (
    <>
      <Avatar id={me.id} name={me.name} picture={me.picture} small />
      <bdi className={styles.name}>{me.name}</bdi>
    </>
  )
}

export function SideHeaderBefore({ me }: { me: Me }) {
  return (
    <div className={styles.header}>
      <div className={styles.before}>
        <SideName me={me} />
      </div>
    </div>
  )
}
