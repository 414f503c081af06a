/** How this service makes its records: an id, an ARN, an owner, and a document in the store. */
import type { EmulatorContext } from '../../service.ts'
import type {
  ApplyContext,
  AttributeSpecs,
  Attributes,
  ResourceType,
} from '../../terraform/type/resource-type.ts'
import { recordType } from '../../terraform/type/resource-type.ts'

export interface Ec2Record {
  readonly type: string
  /** Name of the collection below `ec2.`: `subnets`. */
  readonly collection: string
  /** Prefix of ids: `subnet-`. */
  readonly prefix: string
  /** Part of the ARN before the id: `subnet`. Absent where the type has no ARN. */
  readonly arnType?: string
  readonly attributes: AttributeSpecs
  compute?(planned: Attributes, id: string, context: ApplyContext): Attributes
}

/** Ids are 17 hexadecimal digits: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html */
export function ec2Record(emulator: EmulatorContext, record: Ec2Record): ResourceType {
  const documents = emulator.store.collection<Attributes>(`ec2.${record.collection}`)
  return recordType({
    type: record.type,
    attributes: record.attributes,
    compute(planned, context) {
      const id = emulator.ids.hex(record.prefix, 17)
      const { arnType } = record
      return {
        id,
        ...(arnType === undefined ? {} : { arn: ec2Arn(context, `${arnType}/${id}`) }),
        ...(record.attributes.owner_id === undefined ? {} : { owner_id: context.accountId }),
        ...record.compute?.(planned, id, context),
      }
    },
    keep(id, attributes) {
      if (attributes === undefined) documents.delete(id)
      else documents.put(id, attributes)
    },
  })
}

export function ec2Arn(context: Pick<ApplyContext, 'region' | 'accountId'>, resource: string): string {
  return `arn:aws:ec2:${context.region}:${context.accountId}:${resource}`
}

/** Why so many attributes of a network change nothing here. */
export const NO_PACKETS = 'no packet passes through the emulator’s network'
