/**
 * Delegation: the registrar of the domain must get the name servers of the new hosted zone, and no program can do
 * that for every registrar. Until then certificates cannot be validated, so the roll-out waits for public DNS.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/migrate-dns-domain-in-use.html
 */
import { Resolver, resolveNs } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Terminal } from '../../terminal.ts'

/** Name servers that public DNS answers for a domain; empty when it answers none. */
export type ResolveNameServers = (domain: string) => Promise<readonly string[]>

export interface DelegationOptions {
  readonly resolve: ResolveNameServers
  readonly terminal: Pick<Terminal, 'note'>
  readonly intervalMs?: number
  readonly signal?: AbortSignal
}

/** Whether the domain is delegated to these name servers, all of them. */
export async function isDelegated(
  domain: string,
  nameServers: readonly string[],
  resolve: ResolveNameServers,
): Promise<boolean> {
  const answered = new Set((await resolve(domain)).map(canonical))
  return nameServers.length > 0 && nameServers.every((server) => answered.has(canonical(server)))
}

/** Which name servers to set, and where. */
export const delegationInstructions = (domain: string, nameServers: readonly string[]): string[] => [
  `${domain} is not delegated yet. At the registrar of ${domain} (or in the zone above it) set exactly these name servers:`,
  ...nameServers.map((server) => `    ${canonical(server)}`),
]

/** Resolves when public DNS answers with the name servers; reports what to do and, every five minutes, the answers. */
export async function waitForDelegation(
  domain: string,
  nameServers: readonly string[],
  { resolve, terminal, intervalMs = 15_000, signal }: DelegationOptions,
): Promise<void> {
  if (await isDelegated(domain, nameServers, resolve)) return
  for (const line of delegationInstructions(domain, nameServers)) terminal.note(line)
  terminal.note(
    'Waiting until public DNS answers with them. You may stop here with Ctrl-C, and run the command again later.',
  )
  for (let attempt = 1; ; attempt++) {
    await sleep(intervalMs, undefined, signal ? { signal } : {})
    if (await isDelegated(domain, nameServers, resolve)) break
    if (attempt % 20 !== 0) continue
    const answered = await resolve(domain)
    terminal.note(
      `Public DNS answers with ${answered.length > 0 ? answered.join(', ') : 'no name servers'} for ${domain}.`,
    )
  }
  terminal.note(`${domain} is delegated.`)
}

const canonical = (name: string) => name.toLowerCase().replace(/\.$/, '')

const noAnswer = new Set(['ENODATA', 'ENOTFOUND', 'ESERVFAIL', 'EREFUSED'])

/** Asks public resolvers, because this machine's own may have other answers; where they cannot be reached, its own. */
export const publicNameServers: ResolveNameServers = async (domain) => {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  resolver.setServers(['1.1.1.1', '8.8.8.8'])
  try {
    return await resolver.resolveNs(domain)
  } catch (error) {
    if (noAnswer.has(codeOf(error))) return []
  }
  return resolveNs(domain).catch(() => [])
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
