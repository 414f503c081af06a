/** For tests of the edge and what it needs: an emulator with Route 53, Certificate Manager, S3 and CloudFront only. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '../certificate-authority.ts'
import { systemClock } from '../clock.ts'
import { testContext } from '../protocol/test-kit/context.test-kit.ts'
import type { Service } from '../service.ts'
import { createAcm } from '../services/acm/index.ts'
import { createCloudFront } from '../services/cloudfront/index.ts'
import { createLogs } from '../services/logs/index.ts'
import { createRoute53 } from '../services/route53/index.ts'
import { createS3 } from '../services/s3/index.ts'
import { openStore } from '../store.ts'
import type {
  ApplyContext,
  AttributeSpecs,
  Attributes,
  ResourceType,
} from '../terraform/type/resource-type.ts'

export async function openEdgeEmulator({
  speed = 1,
  stateDir: given,
}: {
  speed?: number
  stateDir?: string
} = {}) {
  const stateDir = given ?? (await mkdtemp(join(tmpdir(), 'baton-edge-')))
  const store = openStore(join(stateDir, 'store.sqlite'))
  const context = testContext({
    stateDir,
    clock: systemClock(speed),
    store,
    authority: await createCertificateAuthority(stateDir),
  })
  const route53 = createRoute53(context)
  const acm = createAcm(context, { route53 })
  const s3 = createS3(context)
  const logs = createLogs(context)
  const printed: string[] = []
  const cloudFront = createCloudFront(context, {
    s3,
    acm,
    logs,
    // The stand-in of a load balancer: its ARN ends with its name.
    loadBalancerName: (arn) =>
      arn.startsWith('arn:aws:elasticloadbalancing:')
        ? `${arn.split('/').at(-1)}.elb.amazonaws.com`
        : undefined,
    log: (name, message) => printed.push(`${name}: ${message}`),
  })
  const services: Service[] = [route53, acm, s3, logs, cloudFront]
  for (const service of services) await service.start?.()

  const typeOf = (name: string): ResourceType => {
    const found = services.flatMap((service) => service.resourceTypes ?? []).find(({ type }) => type === name)
    if (found === undefined) throw new Error(`no resource type ${name}`)
    return found
  }
  return {
    context,
    route53,
    acm,
    s3,
    cloudFront,
    /** What functions printed. */
    printed,
    typeOf,
    /** Creates a resource as the engine would: checked against the type's attributes, with their defaults. */
    async create(type: string, config: Attributes, options: Partial<ApplyContext> = {}): Promise<Attributes> {
      const resourceType = typeOf(type)
      return resourceType.create(complete(config, resourceType.attributes, type), applyContext(type, options))
    },
    async update(type: string, prior: Attributes, change: Attributes): Promise<Attributes> {
      const resourceType = typeOf(type)
      if (resourceType.update === undefined) throw new Error(`${type} cannot change in place`)
      return resourceType.update(
        complete({ ...prior, ...change }, resourceType.attributes, type),
        prior,
        applyContext(type),
      )
    },
    async delete(type: string, prior: Attributes): Promise<void> {
      await typeOf(type).delete?.(prior, applyContext(type))
    },
    async close({ keepState = false } = {}) {
      for (const service of services.toReversed()) await service.stop?.()
      store.close()
      if (!keepState) await rm(stateDir, { recursive: true })
    },
  }
}

export type EdgeEmulator = Awaited<ReturnType<typeof openEdgeEmulator>>

export function applyContext(type: string, options: Partial<ApplyContext> = {}): ApplyContext {
  return {
    address: `${type}.test`,
    region: 'ap-northeast-2',
    accountId: '000000000000',
    folder: tmpdir(),
    signal: new AbortController().signal,
    ...options,
  }
}

function complete(config: Attributes, specs: AttributeSpecs, path: string): Attributes {
  const completed: Attributes = {}
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.default !== undefined) completed[name] = spec.default
  }
  for (const [name, value] of Object.entries(config)) {
    const spec = specs[name]
    if (spec === undefined) throw new Error(`${path}.${name} is not declared`)
    const { block } = spec
    completed[name] =
      block !== undefined && Array.isArray(value)
        ? value.map((one) => complete(one as Attributes, block, `${path}.${name}`))
        : value
  }
  return completed
}

/** A hosted zone, and certificates for all names directly below it; the distributions' one in us-east-1. */
export async function createDomain(emulator: EdgeEmulator, domain: string) {
  const zone = await emulator.create('aws_route53_zone', { name: domain })
  const edge = { region: 'us-east-1' }
  const certificate = await emulator.create('aws_acm_certificate', { domain_name: `*.${domain}` }, edge)
  const [option] = certificate.domain_validation_options as Attributes[]
  await emulator.create('aws_route53_record', {
    zone_id: zone.id ?? null,
    name: option?.resource_record_name ?? null,
    type: option?.resource_record_type ?? null,
    records: [option?.resource_record_value ?? null],
    ttl: 300,
  })
  await emulator.create('aws_acm_certificate_validation', { certificate_arn: certificate.arn ?? null }, edge)
  return { zoneId: String(zone.id), certificateArn: String(certificate.arn) }
}
