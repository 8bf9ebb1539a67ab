/** How people talk to one kind of server, so that every contender is driven by the same code. */
export type Dialect = {
  /** New people, each signed in the way the server wants it. */
  people: (port: number, count: number) => Promise<Person[]>
  /** The id of the two-person conversation of these two. */
  pair: (port: number, a: Person, b: Person) => Promise<string>
  /** The id of a room in which everybody is. */
  room: string
  /** Resolves when this person hears everything said in these conversations. */
  connect: (port: number, person: Person, at: { rooms: string[]; onBodies?: (bodies: string[]) => void; onLost?: () => void }) => Promise<Talk>
}

export type Person = { id: string; token: string; deviceId: string }

export type Talk = {
  /** Says each of these, in order. `acknowledged` is called with how many were, until it was called for all. */
  post: (room: string, bodies: string[], acknowledged: (count: number) => void) => void
  /** The same to everybody in the room, including oneself. */
  shout: (room: string, bodies: string[], acknowledged: (count: number) => void) => void
  close: () => void
}
