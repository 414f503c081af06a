/** Terraform's view of log deliveries. What writes the logs is CloudFront; other services refuse by name. */
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../terraform/type/resource-type.ts'
import { firstBlock, stringList, text } from '../../terraform/type/values.ts'
import { accessLogFields } from './contract.ts'
import type { Deliveries, Delivery } from './deliveries.ts'

const replaced = { forceNew: true } as const
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html#supported-log-file-format */
const formats = ['json', 'plain', 'w3c']
const noTags = ignored('tags have no effect on deliveries')

export function createDeliveryTypes(context: EmulatorContext, deliveries: Deliveries): ResourceType[] {
  return [
    sourceType(context, deliveries),
    destinationType(context, deliveries),
    deliveryType(context, deliveries),
  ]
}

const arnOf = ({ accountId }: EmulatorContext, region: string, kind: string, id: string) =>
  `arn:aws:logs:${region}:${accountId}:${kind}:${id}`

function sourceType(context: EmulatorContext, deliveries: Deliveries): ResourceType {
  return {
    type: 'aws_cloudwatch_log_delivery_source',
    attributes: {
      name: implemented(replaced),
      log_type: implemented(replaced),
      resource_arn: implemented(replaced),
      tags: noTags,
      tags_all: computed(),
      arn: computed(),
      service: computed(),
    },
    create(planned, { region, address }) {
      const name = String(planned.name)
      const resourceArn = String(planned.resource_arn)
      const logType = String(planned.log_type)
      const service = resourceArn.split(':')[2] ?? ''
      if (service !== 'cloudfront' || logType !== 'ACCESS_LOGS')
        throw new Error(
          `${address}: ${logType} of ${service} is not delivered here; ACCESS_LOGS of cloudfront is`,
        )
      if (region !== 'us-east-1')
        throw new Error(
          `${address}: logs of CloudFront are delivered from us-east-1; write region = "us-east-1"`,
        )
      if (deliveries.sources.has(name))
        throw new Error(`ConflictException: the delivery source ${name} exists`)
      const other = deliveries.sources.values().find((one) => one.resourceArn === resourceArn)
      if (other !== undefined)
        throw new Error(`ConflictException: ${other.name} is the delivery source of ${resourceArn} already`)
      const arn = arnOf(context, region, 'delivery-source', name)
      deliveries.sources.put(name, { name, arn, resourceArn, logType })
      return { ...planned, arn, service }
    },
    read: (prior) => (deliveries.sources.has(String(prior.name)) ? prior : undefined),
    update: (planned, prior) => ({ ...prior, ...planned }),
    delete(prior) {
      const name = String(prior.name)
      const user = deliveries.all.values().find(({ sourceName }) => sourceName === name)
      if (user !== undefined)
        throw new Error(`ConflictException: ${name} is the source of the delivery ${user.id}`)
      deliveries.sources.delete(name)
    },
  }
}

function destinationType(context: EmulatorContext, deliveries: Deliveries): ResourceType {
  const keep = (planned: Attributes, region: string, address: string): Attributes => {
    const name = String(planned.name)
    const resourceArn = text(firstBlock(planned.delivery_destination_configuration)?.destination_resource_arn)
    if (resourceArn === undefined || !resourceArn.startsWith('arn:aws:s3:::'))
      throw new Error(
        `${address}: logs are delivered to buckets only here, not to ${resourceArn ?? 'nothing'}`,
      )
    const outputFormat = text(planned.output_format) ?? 'json'
    if (!formats.includes(outputFormat))
      throw new Error(`${address}: logs are not written as ${outputFormat} here; use ${formats.join(', ')}`)
    const arn = arnOf(context, region, 'delivery-destination', name)
    deliveries.destinations.put(name, { name, arn, resourceArn, outputFormat })
    return { ...planned, arn, delivery_destination_type: 'S3', output_format: outputFormat }
  }
  return {
    type: 'aws_cloudwatch_log_delivery_destination',
    attributes: {
      name: implemented(replaced),
      output_format: implemented({ ...replaced, computed: true }),
      delivery_destination_type: implemented({ ...replaced, computed: true }),
      delivery_destination_configuration: block(
        { destination_resource_arn: implemented(replaced) },
        { maxItems: 1 },
      ),
      tags: noTags,
      tags_all: computed(),
      arn: computed(),
    },
    create(planned, { region, address }) {
      if (deliveries.destinations.has(String(planned.name)))
        throw new Error(`ConflictException: the delivery destination ${planned.name} exists`)
      return keep(planned, region, address)
    },
    read: (prior) => (deliveries.destinations.has(String(prior.name)) ? prior : undefined),
    update: (planned, prior, { region, address }) => keep({ ...prior, ...planned }, region, address),
    delete(prior) {
      const user = deliveries.all.values().find(({ destinationArn }) => destinationArn === prior.arn)
      if (user !== undefined)
        throw new Error(`ConflictException: ${prior.name} is the destination of the delivery ${user.id}`)
      deliveries.destinations.delete(String(prior.name))
    },
  }
}

function deliveryType(context: EmulatorContext, deliveries: Deliveries): ResourceType {
  const keep = (planned: Attributes, id: string, region: string, address: string): Attributes => {
    const s3 = firstBlock(planned.s3_delivery_configuration)
    const delivery: Delivery = {
      id,
      arn: arnOf(context, region, 'delivery', id),
      sourceName: String(planned.delivery_source_name),
      destinationArn: String(planned.delivery_destination_arn),
      fields: stringList(planned.record_fields),
      delimiter: text(planned.field_delimiter) ?? '\t',
      suffixPath: text(s3?.suffix_path) ?? '',
      hiveCompatible: s3?.enable_hive_compatible_path === true,
    }
    const unknown = delivery.fields.filter((field) => !accessLogFields.some((known) => known === field))
    if (unknown.length > 0)
      throw new Error(
        `${address}: the emulator does not write the record fields ${unknown.join(', ')}; it writes ${accessLogFields.join(', ')}`,
      )
    if (deliveries.source(delivery.sourceName) === undefined)
      throw new Error(
        `${address}: ResourceNotFoundException: there is no delivery source ${delivery.sourceName}`,
      )
    if (deliveries.destination(delivery.destinationArn) === undefined)
      throw new Error(
        `${address}: ResourceNotFoundException: there is no delivery destination ${delivery.destinationArn}`,
      )
    deliveries.all.put(id, delivery)
    return { ...planned, id, arn: delivery.arn }
  }
  return {
    type: 'aws_cloudwatch_log_delivery',
    attributes: {
      delivery_source_name: implemented(replaced),
      delivery_destination_arn: implemented(replaced),
      record_fields: implemented({ computed: true }),
      field_delimiter: implemented({ computed: true }),
      s3_delivery_configuration: block(
        {
          suffix_path: implemented({ computed: true }),
          enable_hive_compatible_path: implemented({ computed: true }),
        },
        { maxItems: 1, computed: true },
      ),
      tags: noTags,
      tags_all: computed(),
      id: computed(),
      arn: computed(),
    },
    create: (planned, { region, address }) => keep(planned, context.ids.hex('', 16), region, address),
    read: (prior) => (deliveries.all.has(String(prior.id)) ? prior : undefined),
    update: (planned, prior, { region, address }) =>
      keep({ ...prior, ...planned }, String(prior.id), region, address),
    delete: (prior) => void deliveries.all.delete(String(prior.id)),
  }
}
