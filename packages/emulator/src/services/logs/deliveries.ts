/**
 * Log deliveries: which logs of a resource (the access logs of a distribution) go to which bucket, in which form. The
 * service whose logs they are writes them; here is only what was configured.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
 */
import type { Collection, Store } from '../../store.ts'

/** What sends logs: one kind of log of one resource. */
export interface DeliverySource {
  readonly name: string
  readonly arn: string
  readonly resourceArn: string
  readonly logType: string
}

/** Where logs go: a bucket, by an ARN that may go on with a prefix. */
export interface DeliveryDestination {
  readonly name: string
  readonly arn: string
  readonly resourceArn: string
  readonly outputFormat: string
}

export interface Delivery {
  readonly id: string
  readonly arn: string
  readonly sourceName: string
  readonly destinationArn: string
  readonly fields: readonly string[]
  readonly delimiter: string
  readonly suffixPath: string
  readonly hiveCompatible: boolean
}

export interface Deliveries {
  readonly sources: Collection<DeliverySource>
  readonly destinations: Collection<DeliveryDestination>
  readonly all: Collection<Delivery>
  source(name: string): DeliverySource | undefined
  destination(arn: string): DeliveryDestination | undefined
  /** The deliveries of one kind of log of a resource, with their destinations. */
  of(resourceArn: string, logType: string): { delivery: Delivery; destination: DeliveryDestination }[]
}

export function createDeliveries(store: Store): Deliveries {
  const sources = store.collection<DeliverySource>('logs.delivery-sources')
  const destinations = store.collection<DeliveryDestination>('logs.delivery-destinations')
  const all = store.collection<Delivery>('logs.deliveries')
  const destination = (arn: string) => destinations.values().find((one) => one.arn === arn)
  return {
    sources,
    destinations,
    all,
    source: (name) => sources.get(name),
    destination,
    of(resourceArn, logType) {
      const names = sources
        .values()
        .filter((source) => source.resourceArn === resourceArn && source.logType === logType)
        .map(({ name }) => name)
      if (names.length === 0) return []
      return all
        .values()
        .filter(({ sourceName }) => names.includes(sourceName))
        .flatMap((delivery) => {
          const to = destination(delivery.destinationArn)
          return to === undefined ? [] : [{ delivery, destination: to }]
        })
    },
  }
}
