/**
 * A record that has nothing but what is put into it: a plain object also answers to `constructor` and `__proto__`, and an id may come
 * from the address bar.
 */
export const emptyRecord = <K extends string, V>(): Record<K, V> => Object.create(null) as Record<K, V>
