/**
 * The main section of a jar's `META-INF/MANIFEST.MF`: lines of at most 72 bytes, a longer value continued after a space.
 * https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest
 */

/** Values by name, in the order of the file. */
export type JarManifest = ReadonlyMap<string, string>

export function parseManifest(text: string): JarManifest {
  const [main = ''] = text.replaceAll(/\r\n?/g, '\n').split(/\n\n/)
  const lines = main.replaceAll('\n ', '').split('\n')
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(': ')
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 2)] as const] : []
    }),
  )
}

function printManifest(manifest: JarManifest): string {
  return `${[...manifest].map(([name, value]) => folded(`${name}: ${value}`)).join('')}\r\n`
}

function folded(line: string): string {
  const bytes = Buffer.from(line)
  const parts: Buffer[] = [bytes.subarray(0, 72)]
  for (let at = 72; at < bytes.length; at += 71) parts.push(bytes.subarray(at, at + 71))
  // A character may be cut in two: Java joins the bytes before it decodes them, and so must this.
  return `${parts.map((part) => part.toString('latin1')).join('\r\n ')}\r\n`
}

/** The bytes of {@link printManifest}: its characters are bytes already. */
export const manifestBytes = (manifest: JarManifest): Buffer => Buffer.from(printManifest(manifest), 'latin1')
