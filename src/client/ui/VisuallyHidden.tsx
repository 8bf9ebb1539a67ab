import type { ReactNode } from 'react'

/** Words for those who listen: in the accessibility tree, not on screen. */
export function VisuallyHidden({ children }: { children: ReactNode }) {
  return <span className="vh">{children}</span>
}
