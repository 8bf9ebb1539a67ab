import { Suspense, useEffect, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { ThemeToggle } from '#client/features/settings/ThemeToggle.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { IconButton } from '#client/ui/Button.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { laterPart } from '#client/ui/laterPart.ts'
import { Menu } from '#client/ui/Menu.tsx'
import { t } from '#client/words/t.ts'
import type { Me } from '#protocol/session.ts'
import { useClient } from './clientContext.ts'
import styles from './SideHeader.module.css'
import { SideName } from './SideName.tsx'
import { useKeyboardSheet } from './useKeyboardSheet.ts'
import { useSignOut } from './useSignOut.tsx'

const NewGroupDialog = laterPart(() => import('#client/features/conversations/NewGroupDialog.tsx').then((part) => part.NewGroupDialog))

const KeyboardSheet = laterPart(() => import('./KeyboardSheet.tsx').then((part) => part.KeyboardSheet))

const FindDialog = laterPart(() => import('#client/features/search/FindDialog.tsx').then((part) => part.FindDialog))

const begun = (): { text: string; before: Element | null } => ({ text: '', before: document.activeElement })

/** Above the list: who one is, and what can be started. */
export function SideHeader({ me }: { me: Me }) {
  const client = useClient()
  const navigate = useNavigate()
  const isLive = useAppSelector(selectIsLive)
  const signOut = useSignOut()
  const [creating, setCreating] = useState(false)
  const [isSheetOpen, setSheetOpen] = useKeyboardSheet()
  /** What is looked for, and who had the focus before; null while nothing is. */
  const [sought, setSought] = useState<ReturnType<typeof begun> | null>(null)
  const onText = (text: string) => setSought((was) => was && { ...was, text })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      // by its place where the letter is another one; on a Mac Ctrl+K is the system's, in every field
      const isIt = event.code === 'KeyK' && (/Mac/.test(navigator.platform) ? event.metaKey : event.ctrlKey)
      if (!isIt || event.altKey || event.shiftKey || document.querySelector('dialog[open]')) return
      event.preventDefault()
      setSought(begun())
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
  return (
    <div className={styles.header}>
      <Menu
        label={t('You are {name}', { name: me.name })}
        className={styles.me}
        button={<SideName me={me} />}
        items={[
          { label: t('Settings'), icon: laterDrawings.settings, onSelect: () => void navigate('/settings') },
          { label: t('Devices'), icon: laterDrawings.devices, onSelect: () => void navigate('/devices') },
          { label: t('Outbox'), icon: laterDrawings.outbox, onSelect: () => void navigate('/outbox') },
          { label: t('Keyboard'), icon: laterDrawings.keyboard, onSelect: () => setSheetOpen(true) },
          { label: t('Sign out'), icon: laterDrawings.signOut, onSelect: signOut.ask },
        ]}
      />
      <ThemeToggle />
      <IconButton icon={laterDrawings.find} label={t('Find')} aria-keyshortcuts="Control+K Meta+K" onClick={() => setSought(begun())} />
      <IconButton
        icon={laterDrawings.plus}
        label={t('New group')}
        unavailable={isLive ? undefined : t('New groups need a connection. Try again when you are back.')}
        onClick={() => setCreating(true)}
      />
      {creating && (
        <Suspense fallback={null}>
          <NewGroupDialog
            createGroup={client.api.createGroup}
            onClose={() => setCreating(false)}
            onCreated={(conv) => {
              setCreating(false)
              void navigate(`/chat/${conv}`)
            }}
          />
        </Suspense>
      )}
      {isSheetOpen && (
        <Suspense fallback={null}>
          <KeyboardSheet onClose={() => setSheetOpen(false)} />
        </Suspense>
      )}
      {sought !== null && (
        // no key after Ctrl+K belongs to the composer, however long the dialog takes to come
        <Suspense
          fallback={<input className="vh" aria-label={t('Find')} autoFocus value={sought.text} onChange={(event) => onText(event.target.value)} />}
        >
          <FindDialog
            text={sought.text}
            onText={onText}
            before={sought.before}
            findPeople={client.api.findPeople}
            onGo={(path) => void navigate(path)}
            onClose={() => setSought(null)}
          />
        </Suspense>
      )}
      {signOut.question}
    </div>
  )
}
