import { useEffect } from 'react'
import { browserMemory, type Memory } from '#client/live/browserPorts.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { useClient } from './clientContext.ts'

/** Nobody is writing when nothing was typed for this long, and drafts are in the storage by then. */
const STILL_MS = 1_000

/** The builds that were reloaded in this tab. */
const KEY = 'tidemark:reloaded'

/**
 * A page that the server calls out of date reloads itself: once per build, when nobody is in the middle of something and everything
 * written is kept. Otherwise the banner's button is there.
 */
export function useFreshPage(memory: Memory = browserMemory, reload: () => void = reloadPage): void {
  const client = useClient()
  const isOld = useAppSelector(({ connection: { line } }) => line.name === 'refused' && line.code === 'E_PROTO')
  const drafts = useAppSelector((state) => state.drafts)
  useEffect(() => {
    if (!isOld) return
    let isOver = false
    let timer = setTimeout(look, STILL_MS)
    function look() {
      void client.isKept().then((isKept) => {
        if (isOver) return
        if (!isKept || document.querySelector('dialog[open]')) timer = setTimeout(look, STILL_MS)
        else if (isFirstTime(memory)) reload()
      })
    }
    return () => {
      isOver = true
      clearTimeout(timer)
    }
    // every key starts anew
  }, [client, isOld, drafts, memory, reload])
}

const reloadPage = () => location.reload()

/** Where the tab can't remember, no time is the first: a page that reloads for ever is worse than an old one. */
function isFirstTime(memory: Memory): boolean {
  try {
    const builds = (memory.session.getItem(KEY) ?? '').split(' ')
    if (builds.includes(__BUILD__)) return false
    memory.session.setItem(KEY, [...builds, __BUILD__].join(' '))
    return true
  } catch {
    return false
  }
}
