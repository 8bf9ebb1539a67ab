import type { Handlers } from './answer.ts'

export const presenceHandlers: Handlers<'presence:watch' | 'presence:set'> = {
  'presence:watch': async ({ presence }, live, { users }) => ({ states: await presence.watch(live, users) }),
  'presence:set': ({ presence }, live, { state }) => {
    presence.set(live, state)
    return {}
  },
}
