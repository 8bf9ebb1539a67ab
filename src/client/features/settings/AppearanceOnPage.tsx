import { useEffect } from 'react'
import { wear } from '#client/ui/appearance.ts'
import { useAppearance } from './useAppearance.ts'

/** The page looks as is chosen, here or in another tab. Until this is there it looks as was chosen when it was loaded. */
export function AppearanceOnPage(): null {
  const [appearance] = useAppearance()
  useEffect(() => wear(appearance), [appearance])
  return null
}
