/**
 * One wildcard certificate in the region for the load balancer, one in us-east-1 for CloudFront, which accepts
 * certificates from there only. ACM gives both the same validation record, so one CNAME proves both.
 * https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
 */
import { AcmCertificate } from '@cdktn/provider-aws/lib/acm-certificate/index.js'
import { AcmCertificateValidation } from '@cdktn/provider-aws/lib/acm-certificate-validation/index.js'
import type { DataAwsRoute53Zone } from '@cdktn/provider-aws/lib/data-aws-route53-zone/index.js'
import { Route53Record } from '@cdktn/provider-aws/lib/route53-record/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

export interface Certificates {
  /** ARNs of issued certificates: a resource that uses one waits for the validation. */
  readonly regional: string
  readonly edge: string
}

export function certificates(stack: BatonStack, zone: DataAwsRoute53Zone): Certificates {
  const scope = new Construct(stack, 'certificates')
  const { domain } = stack.platform
  const request = (id: string, region?: string) =>
    new AcmCertificate(scope, id, {
      domainName: `*.${domain}`,
      validationMethod: 'DNS',
      ...(region === undefined ? {} : { region }),
      tags: { Name: `*.${domain}` },
      // In use by a listener or a distribution: the next one must exist before this one is deleted.
      lifecycle: { createBeforeDestroy: true },
    })
  const regional = request('regional')
  const edge = request('edge', 'us-east-1')
  const challenge = regional.domainValidationOptions.get(0)
  const record = new Route53Record(scope, 'certificate_validation', {
    zoneId: zone.zoneId,
    name: challenge.resourceRecordName,
    type: challenge.resourceRecordType,
    records: [challenge.resourceRecordValue],
    ttl: 300,
    // Left over from an earlier certificate of the same name and account, it is the same record.
    allowOverwrite: true,
  })
  const validations = new Construct(scope, 'validations')
  const validated = (certificate: AcmCertificate, region?: string) =>
    new AcmCertificateValidation(validations, certificate.node.id, {
      certificateArn: certificate.arn,
      validationRecordFqdns: [record.fqdn],
      ...(region === undefined ? {} : { region }),
    }).certificateArn
  return { regional: validated(regional), edge: validated(edge, 'us-east-1') }
}
