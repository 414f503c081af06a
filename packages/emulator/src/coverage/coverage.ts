/**
 * What the emulator covers of AWS and of Terraform, asked of the services themselves: which resource types with
 * which attributes, which data sources, which API operations. docs/coverage is drawn from it, so that the list can
 * promise nothing that the code does not do.
 */
import { readFileSync } from 'node:fs'
import type { Behaviour } from '../behaviours.ts'
import { documentedGaps } from '../gaps.ts'
import { serviceModel } from '../protocol/service-model.ts'
import type { Service } from '../service.ts'
import { functions } from '../terraform/functions/index.ts'
import type { AttributeSpecs } from '../terraform/type/resource-type.ts'
import { type ProvenBehaviour, provenBehaviours } from './behaviour.ts'

export interface Coverage {
  readonly gaps: readonly string[]
  readonly services: readonly ServiceCoverage[]
  /** Terraform's functions that expressions may call. */
  readonly functions: readonly string[]
}

export interface ServiceCoverage {
  /** Folder below `services/`. */
  readonly folder: string
  /** What the service's own header says: what it stands for, its gaps, what is by design. */
  readonly header: string
  readonly proven: readonly ProvenBehaviour[]
  readonly byDesign: readonly Behaviour[]
  readonly missing: readonly Behaviour[]
  readonly apis: readonly ApiCoverage[]
  readonly resources: readonly TypeCoverage[]
  readonly dataSources: readonly TypeCoverage[]
  readonly ephemerals: readonly TypeCoverage[]
}

export interface ApiCoverage {
  readonly name: string
  readonly protocol: string
  readonly operations: readonly string[]
  /** Those that are refused with a reason of their own. */
  readonly refused: readonly { readonly operation: string; readonly reason: string }[]
  /** How many operations the SDK's client knows. */
  readonly known: number
}

export interface TypeCoverage {
  readonly type: string
  /** Attributes that shape what the emulator does; those that the type may also compute are among them. */
  readonly implemented: readonly ImplementedAttribute[]
  readonly computed: readonly string[]
  /** Attributes that are accepted without effect, by the reason. */
  readonly ignored: ReadonlyMap<string, readonly string[]>
}

export interface ImplementedAttribute {
  /** Path: `health_check.interval` stands in the block `health_check`. */
  readonly name: string
  readonly replaces: boolean
}

/** Folders whose service goes by another name at AWS's endpoints. */
const folders: Readonly<Record<string, string>> = {
  'cloudfront-keyvaluestore': 'cloudfront',
  elasticfilesystem: 'efs',
  elasticloadbalancing: 'elbv2',
  monitoring: 'cloudwatch',
}

/** The services in the order of their folders' names. */
export async function coverageOf(services: readonly Service[]): Promise<Coverage> {
  const byFolder = Map.groupBy(services, ({ name }) => folders[name] ?? name)
  return {
    gaps: documentedGaps,
    services: await Promise.all(
      [...byFolder]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(async ([folder, members]) => ({
          folder,
          header: headerOf(folder),
          proven: provenBehaviours(folder),
          byDesign: members.flatMap((service) => service.behaviours?.byDesign ?? []),
          missing: members.flatMap((service) => service.behaviours?.missing ?? []),
          apis: (await Promise.all(members.map(apiOf))).flat(),
          resources: typesOf(members.flatMap((service) => service.resourceTypes ?? [])),
          dataSources: typesOf(members.flatMap((service) => service.dataSourceTypes ?? [])),
          ephemerals: typesOf(members.flatMap((service) => service.ephemeralTypes ?? [])),
        })),
    ),
    functions: Object.keys(functions).sort(),
  }
}

function headerOf(folder: string): string {
  const source = readFileSync(new URL(`../services/${folder}/index.ts`, import.meta.url), 'utf8')
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1]
  if (comment === undefined) throw new Error(`services/${folder}/index.ts does not begin with a header`)
  return comment.replaceAll(/^ ?\* ?/gm, '').trim()
}

async function apiOf({ api }: Service): Promise<ApiCoverage[]> {
  if (api === undefined) return []
  const { signingName: name, protocol, operations, refused = {}, sdk } = api
  return [
    {
      name,
      protocol,
      operations: Object.keys(operations).sort(),
      refused: Object.entries(refused).map(([operation, reason]) => ({ operation, reason })),
      known: serviceModel(typeof sdk === 'function' ? await sdk() : sdk).operations.size,
    },
  ]
}

interface Type {
  readonly type: string
  readonly attributes: AttributeSpecs
}

const typesOf = (types: readonly Type[]): TypeCoverage[] =>
  types.map(typeOf).sort((a, b) => (a.type < b.type ? -1 : 1))

function typeOf({ type, attributes }: Type): TypeCoverage {
  const implemented: ImplementedAttribute[] = []
  const computed: string[] = []
  const ignored = new Map<string, string[]>()
  const visit = (specs: AttributeSpecs, prefix: string) => {
    for (const [name, spec] of Object.entries(specs)) {
      const path = `${prefix}${name}`
      if (spec.kind === 'block') visit(spec.block ?? {}, `${path}.`)
      else if (spec.kind === 'computed') computed.push(path)
      else if (spec.kind === 'implemented') implemented.push({ name: path, replaces: Boolean(spec.forceNew) })
      else ignored.set(spec.reason ?? '', [...(ignored.get(spec.reason ?? '') ?? []), path])
    }
  }
  visit(attributes, '')
  return { type, implemented, computed, ignored }
}
