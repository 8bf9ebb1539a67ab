import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Is this host name or address on the machine itself? */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/, '')
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1' || /^127\.\d+\.\d+\.\d+$/.test(bare)
}

/** Who is at the other end of a request. */
export type Peers = {
  /** The client's address. `X-Forwarded-For` counts only as far as trusted proxies vouch for it. */
  addressOf: (request: IncomingMessage) => string
  /** The host the client asked for. */
  hostOf: (request: IncomingMessage) => string | undefined
}

const bareAddress = (address: string): string => address.replace(/^::ffff:/, '')

/** @param trusted addresses or networks (`10.0.0.0/8`) of our own proxies */
export function knowPeers(trusted: readonly string[]): Peers {
  const proxies = new BlockList()
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(bits), family)
  }
  const isProxy = (address: string): boolean => isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

  const addressOf = (request: IncomingMessage): string => {
    let address = bareAddress(request.socket.remoteAddress ?? '')
    const hops = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').toReversed()
    for (const hop of hops) {
      const next = bareAddress(hop.trim())
      if (!isProxy(address) || isIP(next) === 0) break
      address = next
    }
    return address
  }
  const hostOf = (request: IncomingMessage): string | undefined => {
    const forwarded = request.headers['x-forwarded-host']
    if (typeof forwarded === 'string' && isProxy(bareAddress(request.socket.remoteAddress ?? ''))) return forwarded.split(',')[0]?.trim()
    return request.headers.host
  }
  return { addressOf, hostOf }
}
