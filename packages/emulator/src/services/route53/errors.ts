/** Errors of Route 53, as https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html names them. */
import { AwsError } from '../../aws-error.ts'

export const noSuchHostedZone = (id: string) =>
  new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404)

export const hostedZoneNotEmpty = () =>
  new AwsError(
    'HostedZoneNotEmpty',
    'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    400,
  )

/** All that is wrong with a batch at once; Route 53 applies either the whole batch or nothing. */
export const invalidChangeBatch = (messages: readonly string[]) =>
  new AwsError('InvalidChangeBatch', `[${messages.join(', ')}]`, 400, { messages })

export const noSuchChange = (id: string) =>
  new AwsError('NoSuchChange', `A change with the ID ${id} could not be found.`, 404)

export const hostedZoneAlreadyExists = (name: string) =>
  new AwsError(
    'HostedZoneAlreadyExists',
    `A hosted zone has already been created with the specified caller reference: ${name}`,
    409,
  )
