import { useEffect, useRef } from 'react'
import type { Api, Intents } from '#client/live/client.ts'
import { signedOut } from '#client/live/facts.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { canNotify } from '#client/ui/notifier.ts'
import { pushPlace } from '#client/ui/pushPlace.ts'
import type { UserId } from '#protocol/ids.ts'

type PushApi = Pick<Api, 'pushKey' | 'subscribePush' | 'unsubscribePush'>

/** While notifications are on, the server can reach this browser where no page of it is open. Said once for each person and page. */
export function usePushes({ isOn, api, intents }: { isOn: boolean; api: PushApi; intents: Intents }): void {
  const me = useAppSelector(selectMyId)
  const isLive = useAppSelector(selectIsLive)
  /** Whom the server knows this browser to be on, or off, for. */
  const said = useRef<{ me: UserId; isOn: boolean } | null>(null)
  /** One after the other: what was begun last is what holds in the end. */
  const turn = useRef<Promise<unknown>>(Promise.resolve())
  useEffect(() => {
    if (!canNotify() || !('PushManager' in window)) return
    if (!isLive || me === null || (said.current?.me === me && said.current.isOn === isOn)) return
    let isOver = false
    const say = async () => {
      if (isOver) return
      const isSaid = isOn ? await subscribe(api) : !(await pushPlace.leave()) || (await api.unsubscribePush()).ok
      if (isSaid && !isOver) said.current = { me, isOn }
    }
    turn.current = turn.current.then(say)
    return () => {
      isOver = true
    }
  }, [isOn, isLive, me, api])
  useEffect(
    () =>
      intents.subscribe((action) => {
        if (!signedOut.match(action) || !canNotify()) return
        said.current = null
        turn.current = turn.current.then(pushPlace.leave)
      }),
    [intents],
  )
}

/** True also where there is no push service to be had: that is asked again with the next page. */
async function subscribe(api: PushApi): Promise<boolean> {
  const answer = await api.pushKey()
  if (!answer.ok) return false
  const place = await pushPlace.take(answer.key)
  return place === undefined || (await api.subscribePush(place)).ok
}
