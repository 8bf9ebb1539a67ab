import type { Address } from '#client/ui/address.ts'
import { DevicesScreen } from './DevicesScreen.tsx'
import { InviteScreen } from './InviteScreen.tsx'
import { NotFoundScreen } from './NotFoundScreen.tsx'
import { OutboxScreen } from './OutboxScreen.tsx'
import { PersonScreen } from './PersonScreen.tsx'
import { ResetScreen } from './ResetScreen.tsx'
import { SearchScreen } from './SearchScreen.tsx'
import { SettingsScreen } from './SettingsScreen.tsx'

/** The screen of every address that is not a conversation. */
export function OtherScreen({ address }: { address: Exclude<Address, { name: 'start' | 'conversations' | 'conversation' }> }) {
  switch (address.name) {
    case 'person':
      return <PersonScreen user={address.user} />
    case 'invitation':
      return <InviteScreen code={address.code} />
    case 'outbox':
      return <OutboxScreen />
    case 'settings':
      return <SettingsScreen />
    case 'devices':
      return <DevicesScreen />
    case 'search':
      return <SearchScreen />
    case 'reset':
      return <ResetScreen />
    case 'nowhere':
      return <NotFoundScreen />
  }
}
