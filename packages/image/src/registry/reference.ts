/** References of images, taken apart the way Docker does it. */
import { BuildError } from '../build-error.ts'

export interface Reference {
  /** Host of the registry's API. */
  readonly host: string
  readonly repository: string
  readonly tag: string
  /** `sha256:…`, where the reference names one: then the tag says nothing. */
  readonly digest?: string
}

/** `node:24` is `registry-1.docker.io/library/node:24`. Throws for what is no reference. */
export function parseReference(reference: string): Reference {
  const [, name = '', tag = 'latest', digest] =
    /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference) ?? []
  const [first = '', ...rest] = name.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const host = hasHost ? first : 'docker.io'
  const path = hasHost ? rest.join('/') : name
  if (!/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(path))
    throw new BuildError(
      `"${reference}" is no reference of an image`,
      'Write [registry/]repository[:tag][@sha256:…], in lower case.',
    )
  const isHub = host === 'docker.io' || host === 'index.docker.io'
  return {
    host: isHub ? 'registry-1.docker.io' : host,
    repository: isHub && !path.includes('/') ? `library/${path}` : path,
    tag,
    ...(digest && { digest }),
  }
}

/** Where the registry of a reference answers: over HTTPS, but for one on this machine, as Docker has it. */
export function endpointOf({ host }: Reference): string {
  return `${isLoopback(new URL(`http://${host}`).hostname) ? 'http' : 'https'}://${host}`
}

/** Whether a host name of a URL is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(127(\.\d+){3}|\[::1\]|localhost|.+\.localhost)$/.test(hostname)
}
