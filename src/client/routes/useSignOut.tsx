import { Suspense, useState, type ReactNode } from 'react'
import { useNavigate } from 'react-router-dom'
import type { Leaves } from '#client/live/client.ts'
import { useAppStore } from '#client/store/hooks.ts'
import { selectLosesByLeaving } from '#client/store/selectors/leaving.ts'
import { laterPart } from '#client/ui/laterPart.ts'
import { useClient } from './clientContext.ts'

const SignOutDialog = laterPart(() => import('./SignOutDialog.tsx').then((part) => part.SignOutDialog))

/** Signing out, with a question first when that would leave something behind. */
export function useSignOut(): { ask: () => void; /** Without a question. */ leave: () => void; question: ReactNode } {
  const client = useClient()
  const store = useAppStore()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)

  const leave = async (leaves: Leaves) => {
    await client.signOut(leaves)
    await navigate('/', { replace: true })
  }
  const ask = () => {
    if (selectLosesByLeaving(store.getState())) setAsking(true)
    else void leave('nothing')
  }
  const question = asking && (
    <Suspense fallback={null}>
      <SignOutDialog onStay={() => setAsking(false)} onLeave={(leaves) => void leave(leaves)} />
    </Suspense>
  )
  return { ask, leave: () => void leave('nothing'), question }
}
