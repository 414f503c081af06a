/** A VPC origin as CloudFront's API shows it: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_VpcOrigin.html */
import type * as sdk from '@aws-sdk/client-cloudfront'
import type { VpcOrigin } from './state.ts'

export const vpcOriginToWire = (origin: VpcOrigin, accountId: string): sdk.VpcOrigin => ({
  Id: origin.id,
  Arn: origin.arn,
  AccountId: accountId,
  Status: 'Deployed',
  CreatedTime: new Date(origin.createdAt),
  LastModifiedTime: new Date(origin.lastModified),
  VpcOriginEndpointConfig: {
    Name: origin.name,
    Arn: origin.endpointArn,
    HTTPPort: origin.httpPort,
    HTTPSPort: origin.httpsPort,
    OriginProtocolPolicy: origin.protocolPolicy,
    OriginSslProtocols: { Quantity: 1, Items: ['TLSv1.2'] },
  },
})

export const vpcOriginSummary = (origin: VpcOrigin, accountId: string): sdk.VpcOriginSummary => ({
  Id: origin.id,
  Name: origin.name,
  Arn: origin.arn,
  AccountId: accountId,
  OriginEndpointArn: origin.endpointArn,
  Status: 'Deployed',
  CreatedTime: new Date(origin.createdAt),
  LastModifiedTime: new Date(origin.lastModified),
})
