/** The address of a connection's other end. */

/** A socket's remote address; an IPv4 address that arrived on an IPv6 socket is IPv4. */
export function viewerAddress(remoteAddress: string | undefined): string {
  return (remoteAddress ?? '').replace(/^::ffff:/i, '')
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
