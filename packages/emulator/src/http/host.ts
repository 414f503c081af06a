/** The Host header: what it names, without what a client writes around it. */

/** Without the port, as sent otherwise. */
export function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':')
  return colon < 0 ? host : host.replace(/:\d+$/, '')
}

/** In lower case, without port and without the dot of the DNS root: `Keencho.com.:8443` → `keencho.com`. */
export function hostName(host: string | undefined): string {
  return withoutPort(host ?? '')
    .toLowerCase()
    .replace(/\.$/, '')
}

/** The port after the name; undefined where there is none. */
export function portOfHost(host: string): number | undefined {
  const digits = /:(\d+)$/.exec(host)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Whether the name of a certificate or alias, `*.` for one label, covers a host. */
export function nameCovers(name: string, host: string): boolean {
  const [covering, covered] = [name.toLowerCase(), host.toLowerCase()]
  if (!covering.startsWith('*.')) return covering === covered
  const dot = covered.indexOf('.')
  return dot > 0 && covered.slice(dot) === covering.slice(1)
}
