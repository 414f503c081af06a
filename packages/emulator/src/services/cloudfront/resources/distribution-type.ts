/** The resource type of distributions. */
import { nameCovers } from '../../../http/host.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { Attributes, DataSourceType, ResourceType } from '../../../terraform/type/resource-type.ts'
import { computed, implemented } from '../../../terraform/type/resource-type.ts'
import type { Acm } from '../../acm/contract.ts'
import { compileRoutes } from '../edge/viewer/route.ts'
import type { Distribution, DistributionConfig } from '../model/distribution.ts'
import type { CloudFrontState } from '../model/state.ts'
import { distributionAttributes, readConfig } from './distribution-attributes.ts'

/** "This value is always Z2FDTNDATAQYW2 for a CloudFront distribution" (API_AliasTarget). */
const hostedZoneId = 'Z2FDTNDATAQYW2'

export interface DistributionTypeDependencies {
  readonly context: EmulatorContext
  readonly model: CloudFrontState
  readonly acm: Acm
  /** Puts a distribution to service, or what it has become. */
  readonly deploy: (distribution: Distribution) => void
  readonly withdraw: (distribution: Distribution) => void
}

export function createDistributionType(dependencies: DistributionTypeDependencies): ResourceType {
  const { context, model, acm, deploy, withdraw } = dependencies
  const { ids, clock, accountId } = context
  const keep = (planned: Attributes, prior: Distribution | undefined, address: string): Attributes => {
    const config = readConfig(planned)
    const id = prior?.id ?? ids.upper('E', 13)
    const distribution: Distribution = {
      id,
      arn: `arn:aws:cloudfront::${accountId}:distribution/${id}`,
      domainName: prior?.domainName ?? `${ids.hex('d', 13)}.cloudfront.net`,
      callerReference: prior?.callerReference ?? `terraform-${ids.hex('', 20)}`,
      etag: ids.upper('E', 13),
      lastModified: clock.now(),
      config,
    }
    check(distribution, model, acm, address)
    model.distributions.put(id, distribution)
    deploy(distribution)
    return { ...planned, ...attributesOf(distribution) }
  }
  return {
    type: 'aws_cloudfront_distribution',
    attributes: distributionAttributes,
    create: (planned, { address }) => keep(planned, undefined, address),
    update: (planned, prior, { address }) =>
      keep({ ...prior, ...planned }, model.distribution(String(prior.id)), address),
    read(prior) {
      const found = model.distributions.get(String(prior.id))
      return found && { ...prior, ...attributesOf(found) }
    },
    delete(prior) {
      const found = model.distributions.get(String(prior.id))
      if (found === undefined) return
      withdraw(found)
      model.distributions.delete(found.id)
      for (const [key, { distributionId }] of model.invalidations.entries()) {
        if (distributionId === found.id) model.invalidations.delete(key)
      }
    },
  }
}

export function createDistributionDataSource(model: CloudFrontState): DataSourceType {
  return {
    type: 'aws_cloudfront_distribution',
    attributes: {
      id: implemented(),
      arn: computed(),
      aliases: computed(),
      domain_name: computed(),
      enabled: computed(),
      etag: computed(),
      hosted_zone_id: computed(),
      last_modified_time: computed(),
      status: computed(),
      tags: computed(),
    },
    read(config) {
      const {
        id,
        arn,
        domainName,
        etag,
        lastModified,
        config: settings,
      } = model.distribution(String(config.id))
      return {
        ...config,
        id,
        arn,
        aliases: [...settings.aliases],
        domain_name: domainName,
        enabled: settings.enabled,
        etag,
        hosted_zone_id: hostedZoneId,
        last_modified_time: new Date(lastModified).toISOString(),
        status: 'Deployed',
        tags: {},
      }
    },
  }
}

function attributesOf(distribution: Distribution): Attributes {
  return {
    id: distribution.id,
    arn: distribution.arn,
    caller_reference: distribution.callerReference,
    domain_name: distribution.domainName,
    etag: distribution.etag,
    hosted_zone_id: hostedZoneId,
    in_progress_validation_batches: 0,
    last_modified_time: new Date(distribution.lastModified).toISOString(),
    logging_v1_enabled: false,
    status: 'Deployed',
    trusted_key_groups: [{ enabled: false, items: [] }],
    trusted_signers: [{ enabled: false, items: [] }],
  }
}

/** What CloudFront itself refuses, with its codes: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistribution.html */
function check(distribution: Distribution, model: CloudFrontState, acm: Acm, address: string): void {
  const { config, id } = distribution
  const problems: string[] = []
  const taken = model.distributions
    .values()
    .filter((other) => other.id !== id)
    .flatMap((other) => other.config.aliases)
  for (const alias of config.aliases) {
    if (taken.includes(alias)) problems.push(`CNAMEAlreadyExists: ${alias} belongs to another distribution`)
  }
  problems.push(...certificateProblems(config, acm))
  for (const origin of config.origins) {
    const control = origin.originAccessControlId
    if (control !== undefined && !model.accessControls.has(control)) {
      problems.push(`NoSuchOriginAccessControl: origin ${origin.id} names ${control}`)
    }
  }
  for (const { id: origin, custom, vpc } of config.origins) {
    if (vpc === undefined) continue
    if (custom !== undefined)
      problems.push(`InvalidArgument: origin ${origin} has custom_origin_config and vpc_origin_config`)
    if (!model.vpcOrigins.has(vpc.vpcOriginId))
      problems.push(`EntityNotFound: origin ${origin} names the VPC origin ${vpc.vpcOriginId}`)
  }
  for (const behavior of [config.defaultBehavior, ...config.orderedBehaviors]) {
    for (const arn of [behavior.viewerRequestFunctionArn, behavior.viewerResponseFunctionArn]) {
      const record = model.functions.values().find((one) => one.arn === arn)
      if (arn !== undefined && record?.live === undefined) {
        problems.push(`InvalidFunctionAssociation: ${arn} does not exist or is not published`)
      }
    }
  }
  try {
    compileRoutes(distribution, model)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  if (problems.length > 0) throw new Error(`${address}: ${problems.join('; ')}`)
}

function certificateProblems({ certificateArn, aliases }: DistributionConfig, acm: Acm): string[] {
  if (certificateArn === undefined) {
    return aliases.length === 0
      ? []
      : ['InvalidViewerCertificate: aliases need a certificate that covers them']
  }
  if (certificateArn.split(':')[3] !== 'us-east-1') {
    return [
      `InvalidViewerCertificate: ${certificateArn} is not in us-east-1, where CloudFront's certificates must be`,
    ]
  }
  const material = acm.material(certificateArn)
  if (material === undefined)
    return [`InvalidViewerCertificate: ${certificateArn} does not exist or is not issued`]
  return aliases
    .filter((alias) => !material.names.some((name) => nameCovers(name, alias)))
    .map(
      (alias) =>
        `InvalidViewerCertificate: the certificate for ${material.names.join(', ')} does not cover ${alias}`,
    )
}
