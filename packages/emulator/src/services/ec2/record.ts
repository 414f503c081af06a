/** How this service makes its records: an id, an ARN, an owner, and a document in the store. */

import type { Collection } from '../../store.ts'
import type {
  ApplyContext,
  AttributeSpecs,
  Attributes,
  ResourceType,
} from '../../terraform/type/resource-type.ts'
import { recordType } from '../../terraform/type/resource-type.ts'
import type { Ec2Model } from './model/model.ts'

export interface Ec2Record {
  readonly type: string
  readonly documents: Collection<Attributes>
  /** Prefix of ids: `subnet-`. */
  readonly prefix: string
  /** Part of the ARN before the id: `subnet`. Absent where the type has no ARN. */
  readonly arnType?: string
  readonly attributes: AttributeSpecs
  compute?(planned: Attributes, id: string, context: ApplyContext): Attributes
  /** What belongs to a document beside it; after it was put, or with undefined before it goes. */
  beside?(id: string, attributes: Attributes | undefined): void
  /** What of a document follows from others, as it is now. */
  now?(document: Attributes): Attributes
}

/** Ids are 17 hexadecimal digits: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html */
export function ec2Record({ emulator }: Ec2Model, record: Ec2Record): ResourceType {
  const { documents, arnType } = record
  const type = recordType({
    type: record.type,
    attributes: record.attributes,
    compute(planned, context) {
      const id = emulator.ids.hex(record.prefix, 17)
      return {
        id,
        ...(arnType === undefined ? {} : { arn: ec2Arn(context, `${arnType}/${id}`) }),
        ...(record.attributes.owner_id === undefined ? {} : { owner_id: context.accountId }),
        ...record.compute?.(planned, id, context),
      }
    },
    keep(id, attributes) {
      if (attributes === undefined) {
        record.beside?.(id, undefined)
        documents.delete(id)
      } else {
        documents.put(id, attributes)
        record.beside?.(id, attributes)
      }
    },
  })
  return {
    ...type,
    read(prior) {
      const document = documents.get(String(prior.id))
      return document && { ...prior, ...document, ...record.now?.(document) }
    },
  }
}

export function ec2Arn(context: Pick<ApplyContext, 'region' | 'accountId'>, resource: string): string {
  return `arn:aws:ec2:${context.region}:${context.accountId}:${resource}`
}

/** Why so many attributes of a network change nothing here. */
export const NO_PACKETS = 'no packet passes through the emulator’s network'
