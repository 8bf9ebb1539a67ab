import type { CSSProperties, ReactNode } from 'react'
import type { PictureId } from '#protocol/ids.ts'
import styles from './Avatar.module.css'
import { cx } from './cx.ts'

/** First letters of the first and the last word; RosySeal176 counts as two words. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+|(?<=\p{Ll})(?=\p{Lu})/u)
  const first = words[0] ?? ''
  const last = words.length > 1 ? words[words.length - 1]! : ''
  return [first, last]
    .map((word) => [...word][0] ?? '')
    .join('')
    .toLocaleUpperCase()
}

/** The same colour for the same id, on every device. */
export function hueOf(id: string): number {
  let hash = 0
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) % 3600
  // 12 well separated hues rather than 360 that look alike
  return (hash % 12) * 30 + 20
}

type AvatarProps = {
  id: string
  name: string
  picture?: PictureId | undefined
  /** Groups are round, people are squircles. */ kind?: 'person' | 'group'
  small?: boolean
  children?: ReactNode
}

/** Decoration beside a name: a picture, or initials where there is none (yet); `children` is a corner for the presence dot. */
export function Avatar({ id, name, picture, kind = 'person', small = false, children }: AvatarProps) {
  return (
    <span className={cx(styles.avatar, kind === 'group' && styles.group, small && styles.small)} style={{ '--hue': hueOf(id) } as CSSProperties}>
      <span aria-hidden="true">{initialsOf(name)}</span>
      {picture && <img src={`/api/pictures/${picture}`} alt="" />}
      {children}
    </span>
  )
}
