/** Errors of Certificate Manager: https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html */
import { AwsError } from '../../aws-error.ts'

export const resourceNotFound = (arn: string, accountId: string) =>
  new AwsError('ResourceNotFoundException', `Could not find certificate ${arn} in account ${accountId}.`, 400)

export const invalidNextToken = () =>
  new AwsError('InvalidArgsException', 'The NextToken is not one that ListCertificates returned.', 400)

export const onlyDns = () =>
  new AwsError('NotImplemented', 'The emulator validates by DNS only: set the validation method to DNS.', 501)

export const requestInProgress = (arn: string) =>
  new AwsError('RequestInProgressException', `The certificate ${arn} is not issued yet.`, 400)
