/** The rows there are, in the order they are measured. */
export const ROW_NAMES = ['throughput', 'latency', 'fanOut', 'idle', 'storm'] as const
export type RowName = (typeof ROW_NAMES)[number]

export const isRowName = (name: string): name is RowName => (ROW_NAMES as readonly string[]).includes(name)
